package io.github.cortado;

import io.github.cortado.backend.cpu.Parallel;

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
}
