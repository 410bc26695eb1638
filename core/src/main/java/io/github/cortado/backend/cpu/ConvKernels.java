package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.GemmKernels.SPECIES;
import static io.github.cortado.backend.cpu.GemmKernels.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of {@link VectorConv2d} on the planes of {@link ConvPlanes}.
 *
 * <p>{@code outputs}: 8 channels by 2 vectors of neighbouring outputs; for each tap of each input
 * channel, two loads at that tap's distance, 8 broadcast weights and 16 multiply-adds. {@code
 * weights}: 9 taps by 2 vectors of output channels; for each output position, two loads of the
 * transposed gradient, 9 broadcast inputs and 18 multiply-adds. Loads that go through the table of
 * distances keep their range check, which is hidden behind the multiply-adds. Narrower vectors,
 * which usually come with 16 registers, have tiles half as large.
 */
final class ConvKernels {
    /** Output channels of a tile of outputs. */
    static final int CHANNELS = 8;

    /** Taps of a tile of weights. */
    static final int TAPS = 9;

    private static final boolean MANY_REGISTERS = VL >= 16;

    private ConvKernels() {}

    /**
     * Outputs [8, positions]: y[r, p] = bias[r] + sum over q of w[q, r] x[distance[q] + p].
     *
     * @param w packed as [terms, 8] from {@code wOff} on
     * @param y rows {@code ldy} apart, written in whole vectors
     */
    static void outputs(
            int positions,
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int ldy) {
        int p = 0;
        for (; p < positions - VL; p += 2 * VL) {
            if (MANY_REGISTERS) {
                outputs8x2(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
            } else {
                outputs4x2(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
                outputs4x2(
                        terms,
                        w,
                        wOff + 4,
                        bias,
                        biasOff + 4,
                        x,
                        xOff + p,
                        distance,
                        y,
                        p + 4 * ldy,
                        ldy);
            }
        }
        if (p < positions) {
            outputs8x1(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
        }
    }

    private static void outputs8x2(
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int at,
            int ldy) {
        FloatVector y00 = FloatVector.zero(SPECIES);
        FloatVector y01 = FloatVector.zero(SPECIES);
        FloatVector y10 = FloatVector.zero(SPECIES);
        FloatVector y11 = FloatVector.zero(SPECIES);
        FloatVector y20 = FloatVector.zero(SPECIES);
        FloatVector y21 = FloatVector.zero(SPECIES);
        FloatVector y30 = FloatVector.zero(SPECIES);
        FloatVector y31 = FloatVector.zero(SPECIES);
        FloatVector y40 = FloatVector.zero(SPECIES);
        FloatVector y41 = FloatVector.zero(SPECIES);
        FloatVector y50 = FloatVector.zero(SPECIES);
        FloatVector y51 = FloatVector.zero(SPECIES);
        FloatVector y60 = FloatVector.zero(SPECIES);
        FloatVector y61 = FloatVector.zero(SPECIES);
        FloatVector y70 = FloatVector.zero(SPECIES);
        FloatVector y71 = FloatVector.zero(SPECIES);
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * CHANNELS;
            int xi = xOff + distance[q];
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xi);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            FloatVector wr;
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            wr = FloatVector.broadcast(SPECIES, w[wi + 4]);
            y40 = wr.fma(x0, y40);
            y41 = wr.fma(x1, y41);
            wr = FloatVector.broadcast(SPECIES, w[wi + 5]);
            y50 = wr.fma(x0, y50);
            y51 = wr.fma(x1, y51);
            wr = FloatVector.broadcast(SPECIES, w[wi + 6]);
            y60 = wr.fma(x0, y60);
            y61 = wr.fma(x1, y61);
            wr = FloatVector.broadcast(SPECIES, w[wi + 7]);
            y70 = wr.fma(x0, y70);
            y71 = wr.fma(x1, y71);
        }
        put(bias[biasOff], y00, y, at);
        put(bias[biasOff], y01, y, at + VL);
        put(bias[biasOff + 1], y10, y, at + ldy);
        put(bias[biasOff + 1], y11, y, at + ldy + VL);
        put(bias[biasOff + 2], y20, y, at + 2 * ldy);
        put(bias[biasOff + 2], y21, y, at + 2 * ldy + VL);
        put(bias[biasOff + 3], y30, y, at + 3 * ldy);
        put(bias[biasOff + 3], y31, y, at + 3 * ldy + VL);
        put(bias[biasOff + 4], y40, y, at + 4 * ldy);
        put(bias[biasOff + 4], y41, y, at + 4 * ldy + VL);
        put(bias[biasOff + 5], y50, y, at + 5 * ldy);
        put(bias[biasOff + 5], y51, y, at + 5 * ldy + VL);
        put(bias[biasOff + 6], y60, y, at + 6 * ldy);
        put(bias[biasOff + 6], y61, y, at + 6 * ldy + VL);
        put(bias[biasOff + 7], y70, y, at + 7 * ldy);
        put(bias[biasOff + 7], y71, y, at + 7 * ldy + VL);
    }

    private static void outputs4x2(
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int at,
            int ldy) {
        FloatVector y00 = FloatVector.zero(SPECIES);
        FloatVector y01 = FloatVector.zero(SPECIES);
        FloatVector y10 = FloatVector.zero(SPECIES);
        FloatVector y11 = FloatVector.zero(SPECIES);
        FloatVector y20 = FloatVector.zero(SPECIES);
        FloatVector y21 = FloatVector.zero(SPECIES);
        FloatVector y30 = FloatVector.zero(SPECIES);
        FloatVector y31 = FloatVector.zero(SPECIES);
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * CHANNELS;
            int xi = xOff + distance[q];
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xi);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            FloatVector wr;
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
        }
        put(bias[biasOff], y00, y, at);
        put(bias[biasOff], y01, y, at + VL);
        put(bias[biasOff + 1], y10, y, at + ldy);
        put(bias[biasOff + 1], y11, y, at + ldy + VL);
        put(bias[biasOff + 2], y20, y, at + 2 * ldy);
        put(bias[biasOff + 2], y21, y, at + 2 * ldy + VL);
        put(bias[biasOff + 3], y30, y, at + 3 * ldy);
        put(bias[biasOff + 3], y31, y, at + 3 * ldy + VL);
    }

    private static void outputs8x1(
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int at,
            int ldy) {
        FloatVector y00 = FloatVector.zero(SPECIES);
        FloatVector y10 = FloatVector.zero(SPECIES);
        FloatVector y20 = FloatVector.zero(SPECIES);
        FloatVector y30 = FloatVector.zero(SPECIES);
        FloatVector y40 = FloatVector.zero(SPECIES);
        FloatVector y50 = FloatVector.zero(SPECIES);
        FloatVector y60 = FloatVector.zero(SPECIES);
        FloatVector y70 = FloatVector.zero(SPECIES);
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * CHANNELS;
            int xi = xOff + distance[q];
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xi);
            y00 = FloatVector.broadcast(SPECIES, w[wi]).fma(x0, y00);
            y10 = FloatVector.broadcast(SPECIES, w[wi + 1]).fma(x0, y10);
            y20 = FloatVector.broadcast(SPECIES, w[wi + 2]).fma(x0, y20);
            y30 = FloatVector.broadcast(SPECIES, w[wi + 3]).fma(x0, y30);
            y40 = FloatVector.broadcast(SPECIES, w[wi + 4]).fma(x0, y40);
            y50 = FloatVector.broadcast(SPECIES, w[wi + 5]).fma(x0, y50);
            y60 = FloatVector.broadcast(SPECIES, w[wi + 6]).fma(x0, y60);
            y70 = FloatVector.broadcast(SPECIES, w[wi + 7]).fma(x0, y70);
        }
        put(bias[biasOff], y00, y, at);
        put(bias[biasOff + 1], y10, y, at + ldy);
        put(bias[biasOff + 2], y20, y, at + 2 * ldy);
        put(bias[biasOff + 3], y30, y, at + 3 * ldy);
        put(bias[biasOff + 4], y40, y, at + 4 * ldy);
        put(bias[biasOff + 5], y50, y, at + 5 * ldy);
        put(bias[biasOff + 6], y60, y, at + 6 * ldy);
        put(bias[biasOff + 7], y70, y, at + 7 * ldy);
    }

    private static void put(float bias, FloatVector v, float[] y, int at) {
        FloatVector.broadcast(SPECIES, bias).add(v).intoArray(y, at);
    }

    /**
     * dw[q, 2 vectors] += sum over p of x[distance[q] + p] dy[p, 2 vectors] for 9 taps from {@code
     * q} on; {@code narrow} does one vector only.
     *
     * @param ld elements from one position of dy, and from one tap of dw, to the next
     */
    static void weights(
            int positions,
            float[] x,
            int xOff,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
            int ld,
            float[] dw,
            int dwOff,
            boolean narrow) {
        if (narrow || !MANY_REGISTERS) {
            weights9x1(positions, x, xOff, distance, q, dy, dyOff, ld, dw, dwOff);
            if (!narrow) {
                weights9x1(positions, x, xOff, distance, q, dy, dyOff + VL, ld, dw, dwOff + VL);
            }
        } else {
            weights9x2(positions, x, xOff, distance, q, dy, dyOff, ld, dw, dwOff);
        }
    }

    private static void weights9x2(
            int positions,
            float[] x,
            int xOff,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
            int ld,
            float[] dw,
            int dwOff) {
        int x0 = xOff + distance[q];
        int x1 = xOff + distance[q + 1];
        int x2 = xOff + distance[q + 2];
        int x3 = xOff + distance[q + 3];
        int x4 = xOff + distance[q + 4];
        int x5 = xOff + distance[q + 5];
        int x6 = xOff + distance[q + 6];
        int x7 = xOff + distance[q + 7];
        int x8 = xOff + distance[q + 8];
        FloatVector w00 = FloatVector.zero(SPECIES);
        FloatVector w01 = FloatVector.zero(SPECIES);
        FloatVector w10 = FloatVector.zero(SPECIES);
        FloatVector w11 = FloatVector.zero(SPECIES);
        FloatVector w20 = FloatVector.zero(SPECIES);
        FloatVector w21 = FloatVector.zero(SPECIES);
        FloatVector w30 = FloatVector.zero(SPECIES);
        FloatVector w31 = FloatVector.zero(SPECIES);
        FloatVector w40 = FloatVector.zero(SPECIES);
        FloatVector w41 = FloatVector.zero(SPECIES);
        FloatVector w50 = FloatVector.zero(SPECIES);
        FloatVector w51 = FloatVector.zero(SPECIES);
        FloatVector w60 = FloatVector.zero(SPECIES);
        FloatVector w61 = FloatVector.zero(SPECIES);
        FloatVector w70 = FloatVector.zero(SPECIES);
        FloatVector w71 = FloatVector.zero(SPECIES);
        FloatVector w80 = FloatVector.zero(SPECIES);
        FloatVector w81 = FloatVector.zero(SPECIES);
        for (int p = 0; p < positions; p++) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, dy, dyOff + p * ld);
            FloatVector d1 = FloatVector.fromArray(SPECIES, dy, dyOff + p * ld + VL);
            FloatVector xr;
            xr = FloatVector.broadcast(SPECIES, x[x0 + p]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            xr = FloatVector.broadcast(SPECIES, x[x1 + p]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            xr = FloatVector.broadcast(SPECIES, x[x2 + p]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            xr = FloatVector.broadcast(SPECIES, x[x3 + p]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
            xr = FloatVector.broadcast(SPECIES, x[x4 + p]);
            w40 = xr.fma(d0, w40);
            w41 = xr.fma(d1, w41);
            xr = FloatVector.broadcast(SPECIES, x[x5 + p]);
            w50 = xr.fma(d0, w50);
            w51 = xr.fma(d1, w51);
            xr = FloatVector.broadcast(SPECIES, x[x6 + p]);
            w60 = xr.fma(d0, w60);
            w61 = xr.fma(d1, w61);
            xr = FloatVector.broadcast(SPECIES, x[x7 + p]);
            w70 = xr.fma(d0, w70);
            w71 = xr.fma(d1, w71);
            xr = FloatVector.broadcast(SPECIES, x[x8 + p]);
            w80 = xr.fma(d0, w80);
            w81 = xr.fma(d1, w81);
        }
        addTo(w00, dw, dwOff);
        addTo(w01, dw, dwOff + VL);
        addTo(w10, dw, dwOff + ld);
        addTo(w11, dw, dwOff + ld + VL);
        addTo(w20, dw, dwOff + 2 * ld);
        addTo(w21, dw, dwOff + 2 * ld + VL);
        addTo(w30, dw, dwOff + 3 * ld);
        addTo(w31, dw, dwOff + 3 * ld + VL);
        addTo(w40, dw, dwOff + 4 * ld);
        addTo(w41, dw, dwOff + 4 * ld + VL);
        addTo(w50, dw, dwOff + 5 * ld);
        addTo(w51, dw, dwOff + 5 * ld + VL);
        addTo(w60, dw, dwOff + 6 * ld);
        addTo(w61, dw, dwOff + 6 * ld + VL);
        addTo(w70, dw, dwOff + 7 * ld);
        addTo(w71, dw, dwOff + 7 * ld + VL);
        addTo(w80, dw, dwOff + 8 * ld);
        addTo(w81, dw, dwOff + 8 * ld + VL);
    }

    private static void weights9x1(
            int positions,
            float[] x,
            int xOff,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
            int ld,
            float[] dw,
            int dwOff) {
        int x0 = xOff + distance[q];
        int x1 = xOff + distance[q + 1];
        int x2 = xOff + distance[q + 2];
        int x3 = xOff + distance[q + 3];
        int x4 = xOff + distance[q + 4];
        int x5 = xOff + distance[q + 5];
        int x6 = xOff + distance[q + 6];
        int x7 = xOff + distance[q + 7];
        int x8 = xOff + distance[q + 8];
        FloatVector w00 = FloatVector.zero(SPECIES);
        FloatVector w10 = FloatVector.zero(SPECIES);
        FloatVector w20 = FloatVector.zero(SPECIES);
        FloatVector w30 = FloatVector.zero(SPECIES);
        FloatVector w40 = FloatVector.zero(SPECIES);
        FloatVector w50 = FloatVector.zero(SPECIES);
        FloatVector w60 = FloatVector.zero(SPECIES);
        FloatVector w70 = FloatVector.zero(SPECIES);
        FloatVector w80 = FloatVector.zero(SPECIES);
        for (int p = 0; p < positions; p++) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, dy, dyOff + p * ld);
            w00 = FloatVector.broadcast(SPECIES, x[x0 + p]).fma(d0, w00);
            w10 = FloatVector.broadcast(SPECIES, x[x1 + p]).fma(d0, w10);
            w20 = FloatVector.broadcast(SPECIES, x[x2 + p]).fma(d0, w20);
            w30 = FloatVector.broadcast(SPECIES, x[x3 + p]).fma(d0, w30);
            w40 = FloatVector.broadcast(SPECIES, x[x4 + p]).fma(d0, w40);
            w50 = FloatVector.broadcast(SPECIES, x[x5 + p]).fma(d0, w50);
            w60 = FloatVector.broadcast(SPECIES, x[x6 + p]).fma(d0, w60);
            w70 = FloatVector.broadcast(SPECIES, x[x7 + p]).fma(d0, w70);
            w80 = FloatVector.broadcast(SPECIES, x[x8 + p]).fma(d0, w80);
        }
        addTo(w00, dw, dwOff);
        addTo(w10, dw, dwOff + ld);
        addTo(w20, dw, dwOff + 2 * ld);
        addTo(w30, dw, dwOff + 3 * ld);
        addTo(w40, dw, dwOff + 4 * ld);
        addTo(w50, dw, dwOff + 5 * ld);
        addTo(w60, dw, dwOff + 6 * ld);
        addTo(w70, dw, dwOff + 7 * ld);
        addTo(w80, dw, dwOff + 8 * ld);
    }

    private static void addTo(FloatVector v, float[] dw, int at) {
        FloatVector.fromArray(SPECIES, dw, at).add(v).intoArray(dw, at);
    }

    /** Adds to db[0 to width) the sums of dy[positions, width]; width is whole vectors. */
    static void bias(
            int positions, float[] dy, int dyOff, int ld, int width, float[] db, int dbOff) {
        for (int c = 0; c < width; c += VL) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int p = 0; p < positions; p++) {
                sum = FloatVector.fromArray(SPECIES, dy, dyOff + p * ld + c).add(sum);
            }
            addTo(sum, db, dbOff + c);
        }
    }
}
