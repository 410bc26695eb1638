package io.github.cortado.backend.cpu.vector.layout;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;

/** Lines along an axis, on all threads: what one computes is no other's. */
public final class Lines {
    private Lines() {}

    /** What is done for a line: its first element, and its number. */
    @FunctionalInterface
    public interface Line {
        /** Does the line that begins at {@code start}; its elements are axis.inner() apart. */
        void at(int start, int line);
    }

    /** Does all lines along an axis. */
    public static void run(Axis axis, Line body) {
        Parallel.forItems(
                axis.outer() * axis.inner(),
                axis.n(),
                Parallel.RANGE,
                line -> body.at(axis.line(line), line));
    }
}
