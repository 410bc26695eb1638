package io.github.cortado.backend.cpu;

/**
 * Softmax over contiguous rows: the exponentials of a row at once on vectors, its sum in double and
 * in order. Rows are spread over the threads.
 */
final class VectorSoftmax {
    private static final int SLOT = 8;

    /** Elements per chunk of parallel work. */
    private static final int CHUNK = 1 << 12;

    private VectorSoftmax() {}

    /** y = e^(x - max) / sum, row by row. */
    static void softmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
        VectorElementWise.forItems(
                rows,
                n,
                CHUNK,
                row -> {
                    int to = yo + row * n;
                    float scale = (float) (1 / exponentials(x, xo + row * n, y, to, n));
                    for (int i = to; i < to + n; i++) {
                        y[i] *= scale;
                    }
                });
    }

    /** y = x - max - ln sum, row by row. */
    static void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
        VectorElementWise.forItems(
                rows,
                n,
                CHUNK,
                row -> {
                    int from = xo + row * n;
                    float[] scratch = Parallel.scratch(SLOT, n);
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
        double sum = 0;
        for (int i = to; i < to + n; i++) {
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
