package io.github.cortado.backend.cpu.vector.pointwise;

/**
 * Gradients that a few multiplications make of a result, and roots. The loops are plain: C2 turns
 * them into vector code by itself.
 */
final class Derivatives {
    private Derivatives() {}

    /** dx = dy y. */
    static void exp(float[] y, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            dx[to + i] = dy[q + i] * y[p + i];
        }
    }

    /** dx = dy / x. */
    static void log(float[] x, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            dx[to + i] = dy[q + i] / x[p + i];
        }
    }

    /** y = x^(1/2). */
    static void root(float[] x, int p, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = (float) Math.sqrt(x[p + i]);
        }
    }

    /** dx = dy / (2 y). */
    static void sqrt(float[] y, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            dx[to + i] = dy[q + i] / (2 * y[p + i]);
        }
    }

    /** y = x^(-1/2). */
    static void inverseRoot(float[] x, int p, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = 1 / (float) Math.sqrt(x[p + i]);
        }
    }

    /** dx = -dy y^3 / 2. */
    static void rsqrt(float[] y, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            float v = y[p + i];
            dx[to + i] = -0.5f * dy[q + i] * (v * v * v);
        }
    }

    /** dx = dy y (1 - y). */
    static void sigmoid(float[] y, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            float v = y[p + i];
            dx[to + i] = dy[q + i] * (1 - v) * v;
        }
    }

    /** dx = dy (1 - y^2). */
    static void tanh(float[] y, int p, float[] dy, int q, float[] dx, int to, int n) {
        for (int i = 0; i < n; i++) {
            float v = y[p + i];
            dx[to + i] = dy[q + i] * (1 - v * v);
        }
    }
}
