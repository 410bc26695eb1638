package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions;
import org.jspecify.annotations.Nullable;

/**
 * Softmax over rows of n neighbours: the exponentials of a row at once on vectors, its sum in
 * double and in order. Rows are spread over the threads.
 */
final class Rows {
    /** Elements per chunk of parallel work. */
    private static final int CHUNK = 1 << 12;

    private final int rows;
    private final int n;

    /** Rows to a chunk. */
    private final int together;

    Rows(int rows, int n) {
        this.rows = rows;
        this.n = n;
        this.together = Math.max(1, CHUNK / Math.max(1, n));
    }

    /**
     * Of each row the largest element, and the logarithm of the sum of the exponentials of elements
     * relative to it. They stay apart: a large maximum would swallow the logarithm.
     */
    @SuppressWarnings("ArrayRecordComponent") // filled by whoever made it, never compared
    record LogSums(double[] max, double[] log) {}

    /** y = e^(x - max) / sum, row by row. */
    void softmax(Floats x, Floats y) {
        softmax(x, y, null);
    }

    /**
     * As above.
     *
     * @param sums takes the maximum and the logarithm of the sum of every row
     */
    void softmax(Floats x, Floats y, @Nullable LogSums sums) {
        Parallel.forChunks(
                IntMath.ceilDiv(rows, together),
                chunk -> {
                    int first = chunk * together;
                    softmaxOfSome(x, y, first, Math.min(together, rows - first), sums);
                });
    }

    /** Rows of a few elements share vectors: all exponentials are one run. */
    private void softmaxOfSome(
            Floats from, Floats to, int first, int count, @Nullable LogSums sums) {
        float[] x = from.array();
        int xo = from.offset();
        float[] y = to.array();
        int yo = to.offset();
        float[] maxima = Scratch.MAXIMA.floats(count);
        for (int row = 0; row < count; row++) {
            int at = (first + row) * n;
            maxima[row] = max(x, xo + at, n);
            for (int i = at; i < at + n; i++) {
                y[yo + i] = x[xo + i] - maxima[row];
            }
        }
        ElementaryFunctions.exp(y, yo + first * n, y, yo + first * n, count * n);
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
    void logSoftmax(Floats x, Floats y) {
        Parallel.forItems(rows, n, CHUNK, row -> logSoftmaxOf(x, y, row));
    }

    private void logSoftmaxOf(Floats in, Floats out, int row) {
        float[] x = in.array();
        int from = in.offset() + row * n;
        float[] y = out.array();
        int to = out.offset() + row * n;
        float[] scratch = Scratch.ROW.floats(n);
        float max = max(x, from, n);
        double log = StrictMath.log(exponentials(x, from, max, scratch, n));
        for (int i = 0; i < n; i++) {
            y[to + i] = (float) (x[from + i] - max - log);
        }
    }

    /** Writes e^(x - max) and returns its sum. */
    private static double exponentials(float[] x, int from, float max, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = x[from + i] - max;
        }
        ElementaryFunctions.exp(y, 0, y, 0, n);
        return sum(y, 0, n);
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
