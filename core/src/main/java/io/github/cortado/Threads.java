package io.github.cortado;

import io.github.cortado.backend.Parallel;
import java.util.function.IntConsumer;

/**
 * The threads that compute on the CPU. Results do not depend on how many they are.
 *
 * <p>At first there are as many as the property {@code cortado.threads} says, else as many as
 * processors.
 */
public final class Threads {
    private Threads() {}

    /** Returns the number of threads that share a loop, the caller included. */
    public static int count() {
        return Parallel.threads();
    }

    /**
     * Sets the number of threads that share a loop, the caller included.
     *
     * @throws IllegalArgumentException if the number is less than 1
     */
    public static void setCount(int count) {
        Parallel.setThreads(count);
    }

    /**
     * Calls {@code body} with 0 to {@code chunks - 1}, in any order and several at the same time,
     * and returns when all calls have. A loop within a loop runs on its own thread alone.
     *
     * @param chunks parts into which the caller has cut the work, never by the number of threads:
     *     then results do not depend on it. A part should take some microseconds at least
     * @throws RuntimeException or Error, the first that a call threw; parts that were not begun by
     *     then are left out
     */
    public static void forEach(int chunks, IntConsumer body) {
        Parallel.forChunks(chunks, body::accept);
    }
}
