package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Pool2dSpec;
import java.util.Arrays;

/**
 * ReLU and the maximum of 2 x 2 windows in one pass, and back by the byte that it keeps for each
 * window. Which element is largest is a coin toss to the branch predictor, so it is found by
 * integer arithmetic on the bits: those of the maximum are compared with those of the elements in
 * order. Elements that matter are above 0, where equal numbers have equal bits.
 */
final class VectorReluPooling {
    private static final int INFINITY = 0x7f800000;

    /** Elements of input per chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    private VectorReluPooling() {}

    /** y = largest of 0 and each window; index = which it is, NOWHERE for 0 and NaN. */
    static void twoByTwo(float[] x, int xo, float[] y, int yo, byte[] index, int io, Pool2dSpec s) {
        int w = s.w();
        int outW = s.outW();
        forPlanes(
                s,
                plane -> {
                    for (int row = 0; row < s.outH(); row++) {
                        int p = xo + (plane * s.h() + 2 * row) * w;
                        int out = (plane * s.outH() + row) * outW;
                        row(x, p, w, y, yo + out, index, io + out, outW);
                    }
                });
    }

    /** A row of windows, whose upper left corner is at x[p] and whose lower row w further on. */
    static void row(float[] x, int p, int w, float[] y, int yo, byte[] index, int io, int n) {
        for (int col = 0; col < n; col++) {
            float a = x[p + 2 * col];
            float b = x[p + 2 * col + 1];
            float c = x[p + 2 * col + w];
            float d = x[p + 2 * col + w + 1];
            float max = Math.max(Math.max(Math.max(a, b), Math.max(c, d)), 0f);
            y[yo + col] = max;
            int bits = Float.floatToRawIntBits(max);
            int notA = differs(a, bits);
            int notB = notA & differs(b, bits);
            int notC = notB & differs(c, bits);
            // All ones where the maximum is 0 or NaN: one of the differences is negative.
            int nowhere = (bits - 1 | INFINITY - bits) >> 31;
            index[io + col] = (byte) (notA + notB + notC | nowhere);
        }
    }

    /** 1 where v has other bits, else 0. */
    private static int differs(float v, int bits) {
        int difference = Float.floatToRawIntBits(v) ^ bits;
        return (difference | -difference) >>> 31;
    }

    /** dx = dy at the element that index names, else 0. */
    static void twoByTwoGrad(
            float[] dy, int go, byte[] index, int io, float[] dx, int to, Pool2dSpec s) {
        int w = s.w();
        int outW = s.outW();
        forPlanes(
                s,
                plane -> {
                    int p = to + plane * s.h() * w;
                    for (int row = 0; row < s.outH(); row++) {
                        int out = (plane * s.outH() + row) * outW;
                        gradRow(dy, go + out, index, io + out, dx, p + 2 * row * w, w, outW);
                    }
                    clear(dx, p, s);
                });
    }

    private static void gradRow(
            float[] dy, int go, byte[] index, int io, float[] dx, int p, int w, int n) {
        for (int col = 0; col < n; col++) {
            int bits = Float.floatToRawIntBits(dy[go + col]);
            int at = index[io + col];
            int i = p + 2 * col;
            dx[i] = Float.intBitsToFloat(bits & isZero(at));
            dx[i + 1] = Float.intBitsToFloat(bits & isZero(at ^ 1));
            dx[i + w] = Float.intBitsToFloat(bits & isZero(at ^ 2));
            dx[i + w + 1] = Float.intBitsToFloat(bits & isZero(at ^ 3));
        }
    }

    /** All ones for 0, else 0. */
    private static int isZero(int v) {
        return ~((v | -v) >> 31);
    }

    /** The last row and column of an odd picture lie in no window. */
    private static void clear(float[] dx, int p, Pool2dSpec s) {
        if (s.w() % 2 == 1) {
            for (int row = 0; row < s.h(); row++) {
                dx[p + row * s.w() + s.w() - 1] = 0f;
            }
        }
        if (s.h() % 2 == 1) {
            Arrays.fill(dx, p + (s.h() - 1) * s.w(), p + s.h() * s.w(), 0f);
        }
    }

    private static void forPlanes(Pool2dSpec s, Parallel.Body plane) {
        VectorElementWise.forItems(s.n() * s.channels(), s.h() * s.w(), CHUNK, plane);
    }
}
