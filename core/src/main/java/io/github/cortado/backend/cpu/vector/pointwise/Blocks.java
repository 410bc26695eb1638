package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import java.util.Arrays;

/**
 * Functions of one element, or of one and its gradient, block by block within the first-level cache
 * and in whole vectors: what is left over at the end is computed in a vector of its own, so that an
 * element's bits do not depend on where it lies.
 */
final class Blocks {
    /** Elements of a block. */
    static final int SIZE = 1024;

    private Blocks() {}

    /** y[to + i] = f(x[p + i]) for i below n, at most {@link #SIZE} and of whole vectors. */
    @FunctionalInterface
    interface Unary {
        void run(float[] x, int p, float[] y, int to, int n);
    }

    /** dx[to + i] = f(x[p + i], dy[q + i]), likewise. */
    @FunctionalInterface
    interface Binary {
        void run(float[] x, int p, float[] dy, int q, float[] dx, int to, int n);
    }

    static void map(Unary f, Floats x, Floats y) {
        float[] in = x.array();
        float[] out = y.array();
        Parallel.forRanges(
                y.length(),
                (from, length) -> {
                    int whole = length / VL * VL;
                    for (int i = from; i < from + whole; i += SIZE) {
                        int n = Math.min(SIZE, from + whole - i);
                        f.run(in, x.offset() + i, out, y.offset() + i, n);
                    }
                    if (whole < length) {
                        int at = from + whole;
                        float[] rest = rest(x, at, length - whole);
                        f.run(rest, 0, rest, 0, VL);
                        System.arraycopy(rest, 0, out, y.offset() + at, length - whole);
                    }
                });
    }

    static void zip(Binary f, Floats x, Floats dy, Floats dx) {
        float[] in = x.array();
        float[] g = dy.array();
        float[] out = dx.array();
        Parallel.forRanges(
                dx.length(),
                (from, length) -> {
                    int whole = length / VL * VL;
                    for (int i = from; i < from + whole; i += SIZE) {
                        int n = Math.min(SIZE, from + whole - i);
                        f.run(in, x.offset() + i, g, dy.offset() + i, out, dx.offset() + i, n);
                    }
                    if (whole < length) {
                        int at = from + whole;
                        float[] rest = rest(x, at, length - whole);
                        f.run(rest, 0, rest(dy, at, length - whole), 0, rest, 0, VL);
                        System.arraycopy(rest, 0, out, dx.offset() + at, length - whole);
                    }
                });
    }

    private static float[] rest(Floats x, int at, int n) {
        int from = x.offset() + at;
        return Arrays.copyOf(Arrays.copyOfRange(x.array(), from, from + n), VL);
    }
}
