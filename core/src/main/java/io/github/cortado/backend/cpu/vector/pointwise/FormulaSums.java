package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.LineSums;
import io.github.cortado.backend.cpu.vector.reduce.Sums;

/**
 * Sums of lines of what a formula computes, which stays in the cache. They have the bits of sums of
 * what lies in memory.
 *
 * @param formula whose last result is added up
 * @param axis of that, along which neighbours lie
 */
record FormulaSums(Interpreter formula, Axis axis) {
    /** Elements that are computed at a time: whole {@linkplain Sums#BLOCK blocks}. */
    private static final int PIECE = 1 << 12;

    /** Adds them up. */
    void run(Floats y) {
        if (axis.n() > PIECE / 2) {
            new LineSums(axis).run(this::part, y);
            return;
        }
        int together = PIECE / axis.n();
        Parallel.forItems(
                IntMath.ceilDiv(axis.outer(), together),
                together * axis.n(),
                Parallel.RANGE,
                group -> lines(group * together, together, y));
    }

    /** Of short lines, several. */
    private void lines(int first, int most, Floats y) {
        int n = axis.n();
        int count = Math.min(most, axis.outer() - first);
        float[] piece = Scratch.RESULTS.floats(PIECE);
        formula.into(piece, first * n, count * n);
        for (int i = 0; i < count; i++) {
            y.array()[y.offset() + first + i] = (float) Sums.ofLine(piece, i * n, n);
        }
    }

    /** Of n elements of a long line. */
    private double part(int from, int n) {
        float[] piece = Scratch.RESULTS.floats(PIECE);
        double sum = 0;
        for (int at = 0; at < n; at += PIECE) {
            int count = Math.min(PIECE, n - at);
            formula.into(piece, from + at, count);
            sum = Sums.ofLine(sum, piece, 0, count);
        }
        return sum;
    }
}
