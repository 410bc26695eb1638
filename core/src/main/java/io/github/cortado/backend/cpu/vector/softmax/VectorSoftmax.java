package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.scalar.ScalarTraining.LogSums;
import io.github.cortado.backend.cpu.vector.pointwise.VectorMath;
import org.jspecify.annotations.Nullable;

/**
 * Softmax over contiguous rows: the exponentials of a row at once on vectors, its sum in double and
 * in order. Rows are spread over the threads.
 */
public final class VectorSoftmax {

    /** Elements per chunk of parallel work. */
    private static final int CHUNK = 1 << 12;

    private VectorSoftmax() {}

    /** y = e^(x - max) / sum, row by row. */
    public static void softmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
        softmax(x, xo, y, yo, rows, n, null);
    }

    /**
     * As above.
     *
     * @param sums takes the maximum and the logarithm of the sum of every row
     */
    public static void softmax(
            float[] x, int xo, float[] y, int yo, int rows, int n, @Nullable LogSums sums) {
        int together = Math.max(1, CHUNK / Math.max(1, n));
        Parallel.forChunks(
                (rows + together - 1) / together,
                chunk -> {
                    int first = chunk * together;
                    int count = Math.min(together, rows - first);
                    softmaxOfSome(x, xo, y, yo, first, count, n, sums);
                });
    }

    /** Rows of a few elements share vectors: all exponentials are one run. */
    private static void softmaxOfSome(
            float[] x,
            int xo,
            float[] y,
            int yo,
            int first,
            int count,
            int n,
            @Nullable LogSums sums) {
        float[] maxima = Scratch.MAXIMA.floats(count);
        for (int row = 0; row < count; row++) {
            int at = (first + row) * n;
            maxima[row] = max(x, xo + at, n);
            for (int i = at; i < at + n; i++) {
                y[yo + i] = x[xo + i] - maxima[row];
            }
        }
        VectorMath.exp(y, yo + first * n, y, yo + first * n, count * n);
        for (int row = 0; row < count; row++) {
            int at = yo + (first + row) * n;
            double sum = sum(y, at, n);
            float scale = (float) (1 / sum);
            for (int i = at; i < at + n; i++) {
                y[i] *= scale;
            }
            if (sums != null) {
                sums.max()[first + row] = maxima[row];
                sums.log()[first + row] = StrictMath.log(sum);
            }
        }
    }

    /** y = x - max - ln sum, row by row. */
    public static void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
        Parallel.forItems(
                rows,
                n,
                CHUNK,
                row -> {
                    int from = xo + row * n;
                    float[] scratch = Scratch.ROW.floats(n);
                    double log = StrictMath.log(exponentials(x, from, scratch, 0, n));
                    float max = max(x, from, n);
                    for (int i = 0; i < n; i++) {
                        y[yo + row * n + i] = (float) (x[from + i] - max - log);
                    }
                });
    }

    /** Writes e^(x - max) and returns its sum. */
    private static double exponentials(float[] x, int from, float[] y, int to, int n) {
        float max = max(x, from, n);
        for (int i = 0; i < n; i++) {
            y[to + i] = x[from + i] - max;
        }
        VectorMath.exp(y, to, y, to, n);
        return sum(y, to, n);
    }

    private static double sum(float[] y, int from, int n) {
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += y[i];
        }
        return sum;
    }

    private static float max(float[] x, int from, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + n; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }
}
