package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.cpu.Parallel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Arithmetic and ReLU over float arrays. Each of these reads and writes every element once and is
 * bound by memory, so the loops are plain: those that C2 turns into vector code by itself are left
 * to it, the Vector API is used where a comparison would keep C2 from doing so.
 */
public final class VectorElementWise {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorElementWise() {}

    /** The four operations with broadcasting. */
    public enum Op {
        ADD,
        SUB,
        MUL,
        DIV
    }

    /** y = a op b along a walk: runs of the innermost dimension, one call each. */
    public static void zip(
            Op op, float[] a, int ao, float[] b, int bo, float[] y, int yo, Broadcast walk) {
        if (walk.isElementwise()) {
            int n = walk.shape().length == 0 ? 1 : walk.shape()[0];
            Parallel.forRanges(
                    n, (i, length) -> run(op, a, ao + i, 1, b, bo + i, 1, y, yo + i, length));
            return;
        }
        int last = walk.shape().length - 1;
        int n = walk.shape()[last];
        int as = walk.aStrides()[last];
        int bs = walk.bStrides()[last];
        if (last == 0) {
            Parallel.forRanges(
                    n,
                    (i, length) ->
                            run(op, a, ao + i * as, as, b, bo + i * bs, bs, y, yo + i, length));
            return;
        }
        int rows = 1;
        for (int d = 0; d < last; d++) {
            rows *= walk.shape()[d];
        }
        int rowsPerChunk = Math.max(1, Parallel.RANGE / n);
        int total = rows;
        Parallel.forChunks(
                (rows + rowsPerChunk - 1) / rowsPerChunk,
                c -> {
                    int end = Math.min(total, (c + 1) * rowsPerChunk);
                    for (int row = c * rowsPerChunk; row < end; row++) {
                        int p = ao;
                        int q = bo;
                        int rest = row;
                        for (int d = last - 1; d >= 0; d--) {
                            int i = rest % walk.shape()[d];
                            rest /= walk.shape()[d];
                            p += i * walk.aStrides()[d];
                            q += i * walk.bStrides()[d];
                        }
                        run(op, a, p, as, b, q, bs, y, yo + row * n, n);
                    }
                });
    }

    /** One run; strides of a and b are 1 or 0 in merged walks, anything is allowed. */
    private static void run(
            Op op, float[] a, int p, int as, float[] b, int q, int bs, float[] y, int to, int n) {
        if (as == 1 && bs == 1) {
            switch (op) {
                case ADD -> add(a, p, b, q, y, to, n);
                case SUB -> sub(a, p, b, q, y, to, n);
                case MUL -> mul(a, p, b, q, y, to, n);
                case DIV -> div(a, p, b, q, y, to, n);
            }
            return;
        }
        if (op == Op.DIV && as == 1 && bs == 0) {
            divByOne(a, p, b[q], y, to, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            float u = a[p + i * as];
            float v = b[q + i * bs];
            y[to + i] =
                    switch (op) {
                        case ADD -> u + v;
                        case SUB -> u - v;
                        case MUL -> u * v;
                        case DIV -> u / v;
                    };
        }
    }

    private static void add(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] + b[q + i];
        }
    }

    private static void sub(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] - b[q + i];
        }
    }

    private static void mul(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] * b[q + i];
        }
    }

    private static void div(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] / b[q + i];
        }
    }

    private static void divByOne(float[] a, int p, float divisor, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] / divisor;
        }
    }

    /** y += x. */
    public static void accumulate(float[] x, int xo, float[] y, int yo, int n) {
        Parallel.forRanges(n, (i, length) -> add(x, xo + i, y, yo + i, y, yo + i, length));
    }

    /** y = scale x + shift. */
    public static void affine(
            float[] x, int xo, float[] y, int yo, int n, float scale, float shift) {
        Parallel.forRanges(n, (i, length) -> affineRun(x, xo + i, y, yo + i, length, scale, shift));
    }

    private static void affineRun(
            float[] x, int p, float[] y, int to, int n, float scale, float shift) {
        for (int i = 0; i < n; i++) {
            y[to + i] = scale * x[p + i] + shift;
        }
    }

    /** y = max(x, 0), NaN staying NaN. */
    public static void relu(float[] x, int xo, float[] y, int yo, int n) {
        Parallel.forRanges(n, (i, length) -> reluRun(x, xo + i, y, yo + i, length));
    }

    private static void reluRun(float[] x, int p, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, p + i).max(0f).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Math.max(x[p + i], 0f);
        }
    }

    /** dx = scale dy where y > 0, else 0. */
    public static void reluGrad(
            float[] y, int yo, float[] dy, int go, float[] dx, int xo, int n, float scale) {
        Parallel.forRanges(
                n, (i, length) -> reluGradRun(y, yo + i, dy, go + i, dx, xo + i, length, scale));
    }

    private static void reluGradRun(
            float[] y, int p, float[] dy, int q, float[] dx, int to, int n, float scale) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            VectorMask<Float> positive =
                    FloatVector.fromArray(SPECIES, y, p + i).compare(VectorOperators.GT, zero);
            zero.blend(FloatVector.fromArray(SPECIES, dy, q + i).mul(scale), positive)
                    .intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            dx[to + i] = y[p + i] > 0 ? scale * dy[q + i] : 0f;
        }
    }
}
