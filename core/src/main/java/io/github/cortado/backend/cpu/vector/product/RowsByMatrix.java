package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.product.Products.MatmulProblem;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * y[m, n] = a[m, k] b[k, n] for one row of a or two, as where a model writes a symbol at a time:
 * sums of rows of b, which are read where they lie, {@value #DEPTH} at a time. {@link Gemm} copies
 * b first, which takes longer than all the rest.
 *
 * <p>An element is summed over k in ascending order, so its bits depend neither on m, n, nor the
 * threads.
 */
final class RowsByMatrix implements Products.Matmul {
    /** Up to so many rows it is the faster way. */
    private static final int MAX_ROWS = 2;

    /** Rows of b that are added at once. */
    private static final int DEPTH = 8;

    /** Multiply-adds of a chunk of parallel work. */
    private static final int CHUNK = 1 << 15;

    /** Columns whose sums stay in the first-level cache. */
    private static final int MOST_COLUMNS = 512;

    private final int m;
    private final int n;
    private final int k;
    private final int columns;

    RowsByMatrix(MatmulProblem p) {
        m = p.m();
        n = p.n();
        k = p.k();
        long enough = CHUNK / Math.max(1, (long) m * k);
        int some = (int) Math.min(MOST_COLUMNS, Math.max(1, enough));
        columns = IntMath.roundUp(some, 2 * VL);
    }

    static @Nullable String obstacle(MatmulProblem p) {
        if (p.m() > MAX_ROWS) {
            return p.m() + " rows are many";
        }
        if (p.batch() != 1) {
            return p.batch() + " products";
        }
        if (p.k() == 0) {
            return "there is nothing to add up";
        }
        return p.transA() || p.transB() ? "a factor is transposed" : null;
    }

    @Override
    public void run(
            HostBuffer.Floats a,
            int[] aOffsets,
            HostBuffer.Floats b,
            int[] bOffsets,
            HostBuffer.Floats y) {
        float[] xs = a.array();
        float[] ws = b.array();
        float[] ys = y.array();
        Parallel.forChunks(
                IntMath.ceilDiv(n, columns),
                chunk -> {
                    int first = chunk * columns;
                    int count = Math.min(columns, n - first);
                    int to = y.offset() + first;
                    for (int row = 0; row < m; row++) {
                        Arrays.fill(ys, to + row * n, to + row * n + count, 0f);
                    }
                    for (int p = 0; p < k; p += DEPTH) {
                        int from = b.offset() + bOffsets[0] + p * n + first;
                        for (int row = 0; row < m; row++) {
                            int factors = a.offset() + aOffsets[0] + row * k + p;
                            if (p + DEPTH <= k) {
                                addAll(xs, factors, ws, from, ys, to + row * n, count);
                            } else {
                                addFew(k - p, xs, factors, ws, from, ys, to + row * n, count);
                            }
                        }
                    }
                });
    }

    /** Adds {@value #DEPTH} rows of w from one on, each times its factor. */
    private void addAll(float[] x, int xi, float[] w, int wi, float[] y, int yi, int count) {
        int w1 = wi + n;
        int w2 = w1 + n;
        int w3 = w2 + n;
        int w4 = w3 + n;
        int w5 = w4 + n;
        int w6 = w5 + n;
        int w7 = w6 + n;
        FloatVector x0 = FloatVector.broadcast(SPECIES, x[xi]);
        FloatVector x1 = FloatVector.broadcast(SPECIES, x[xi + 1]);
        FloatVector x2 = FloatVector.broadcast(SPECIES, x[xi + 2]);
        FloatVector x3 = FloatVector.broadcast(SPECIES, x[xi + 3]);
        FloatVector x4 = FloatVector.broadcast(SPECIES, x[xi + 4]);
        FloatVector x5 = FloatVector.broadcast(SPECIES, x[xi + 5]);
        FloatVector x6 = FloatVector.broadcast(SPECIES, x[xi + 6]);
        FloatVector x7 = FloatVector.broadcast(SPECIES, x[xi + 7]);
        int i = 0;
        for (; i <= count - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, y, yi + i);
            v = x0.fma(FloatVector.fromArray(SPECIES, w, wi + i), v);
            v = x1.fma(FloatVector.fromArray(SPECIES, w, w1 + i), v);
            v = x2.fma(FloatVector.fromArray(SPECIES, w, w2 + i), v);
            v = x3.fma(FloatVector.fromArray(SPECIES, w, w3 + i), v);
            v = x4.fma(FloatVector.fromArray(SPECIES, w, w4 + i), v);
            v = x5.fma(FloatVector.fromArray(SPECIES, w, w5 + i), v);
            v = x6.fma(FloatVector.fromArray(SPECIES, w, w6 + i), v);
            v = x7.fma(FloatVector.fromArray(SPECIES, w, w7 + i), v);
            v.intoArray(y, yi + i);
        }
        for (; i < count; i++) {
            y[yi + i] = sum(DEPTH, x, xi, w, wi + i, y[yi + i]);
        }
    }

    /** Of fewer rows. */
    private void addFew(
            int rows, float[] x, int xi, float[] w, int wi, float[] y, int yi, int count) {
        for (int i = 0; i < count; i++) {
            y[yi + i] = sum(rows, x, xi, w, wi + i, y[yi + i]);
        }
    }

    private float sum(int rows, float[] x, int xi, float[] w, int wi, float y) {
        float sum = y;
        for (int p = 0; p < rows; p++) {
            sum = Math.fma(x[xi + p], w[wi + p * n], sum);
        }
        return sum;
    }
}
