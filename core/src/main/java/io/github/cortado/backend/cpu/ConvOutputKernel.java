package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.GemmKernels.SPECIES;
import static io.github.cortado.backend.cpu.GemmKernels.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of a convolution's outputs on the planes of {@link ConvPlanes}: a register tile of
 * 8 channels by 3 vectors of neighbouring outputs.
 *
 * <p>For each tap of each input channel: three loads at that tap's distance, 8 broadcast weights
 * and 24 multiply-adds. Loads go through the table of distances, so their range checks stay; they
 * are hidden behind the multiply-adds. Measured on first-level data: 92 to 99 % of the multiply-add
 * peak with 512-bit vectors. Narrower vectors usually come with 16 registers, so there the 8 rows
 * are twice 4. Where there are few channels (a picture's gradient, depthwise convolution) a tile
 * has 4 rows, or one by 4 vectors, which loads bound.
 *
 * <p>The tiles end with operations whose first operand was made from the species: only then does
 * JDK 17 know the class of the vector that it stores.
 */
final class ConvOutputKernel {
    /** Output channels of a tile. */
    static final int CHANNELS = 8;

    private static final boolean MANY_REGISTERS = VL >= 16;

    private ConvOutputKernel() {}

    /**
     * Outputs [channels, positions]: y[r, p] = bias[r] + sum over q of w[q, r] x[distance[q] + p].
     *
     * @param channels from 1 to 8; rows beyond them are written or not
     * @param w packed as [terms, 8] from {@code wOff} on
     * @param y 8 rows {@code ldy} apart, written in up to four whole vectors beyond positions
     */
    static void outputs(
            int channels,
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
        if (channels == 1) {
            for (; p < positions; p += 4 * VL) {
                tile1x4(terms, w, wOff, bias[biasOff], x, xOff + p, distance, y, p);
            }
            return;
        }
        for (; p < positions - 2 * VL; p += 3 * VL) {
            if (channels <= 4) {
                tile4x3(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
            } else if (MANY_REGISTERS) {
                tile8x3(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
            } else {
                int lower = p + 4 * ldy;
                tile4x3(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
                tile4x3(
                        terms,
                        w,
                        wOff + 4,
                        bias,
                        biasOff + 4,
                        x,
                        xOff + p,
                        distance,
                        y,
                        lower,
                        ldy);
            }
        }
        for (; p < positions; p += VL) {
            tile8x1(terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, p, ldy);
        }
    }

    /**
     * As {@link #outputs} for one channel without a bias, written from {@code at} on, in up to four
     * whole vectors beyond positions.
     */
    static void row(
            int positions,
            int terms,
            float[] w,
            int wOff,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int at) {
        for (int p = 0; p < positions; p += 4 * VL) {
            tile1x4(terms, w, wOff, 0f, x, xOff + p, distance, y, at + p);
        }
    }

    private static void tile8x3(
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
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector y00 = zero;
        FloatVector y01 = zero;
        FloatVector y02 = zero;
        FloatVector y10 = zero;
        FloatVector y11 = zero;
        FloatVector y12 = zero;
        FloatVector y20 = zero;
        FloatVector y21 = zero;
        FloatVector y22 = zero;
        FloatVector y30 = zero;
        FloatVector y31 = zero;
        FloatVector y32 = zero;
        FloatVector y40 = zero;
        FloatVector y41 = zero;
        FloatVector y42 = zero;
        FloatVector y50 = zero;
        FloatVector y51 = zero;
        FloatVector y52 = zero;
        FloatVector y60 = zero;
        FloatVector y61 = zero;
        FloatVector y62 = zero;
        FloatVector y70 = zero;
        FloatVector y71 = zero;
        FloatVector y72 = zero;
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * CHANNELS;
            int xi = xOff + distance[q];
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xi);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            FloatVector x2 = FloatVector.fromArray(SPECIES, x, xi + 2 * VL);
            FloatVector wr;
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            y02 = wr.fma(x2, y02);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            y12 = wr.fma(x2, y12);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            y22 = wr.fma(x2, y22);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            y32 = wr.fma(x2, y32);
            wr = FloatVector.broadcast(SPECIES, w[wi + 4]);
            y40 = wr.fma(x0, y40);
            y41 = wr.fma(x1, y41);
            y42 = wr.fma(x2, y42);
            wr = FloatVector.broadcast(SPECIES, w[wi + 5]);
            y50 = wr.fma(x0, y50);
            y51 = wr.fma(x1, y51);
            y52 = wr.fma(x2, y52);
            wr = FloatVector.broadcast(SPECIES, w[wi + 6]);
            y60 = wr.fma(x0, y60);
            y61 = wr.fma(x1, y61);
            y62 = wr.fma(x2, y62);
            wr = FloatVector.broadcast(SPECIES, w[wi + 7]);
            y70 = wr.fma(x0, y70);
            y71 = wr.fma(x1, y71);
            y72 = wr.fma(x2, y72);
        }
        FloatVector br;
        int row = at;
        br = FloatVector.broadcast(SPECIES, bias[biasOff]);
        br.add(y00).intoArray(y, row);
        br.add(y01).intoArray(y, row + VL);
        br.add(y02).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        br.add(y10).intoArray(y, row);
        br.add(y11).intoArray(y, row + VL);
        br.add(y12).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        br.add(y20).intoArray(y, row);
        br.add(y21).intoArray(y, row + VL);
        br.add(y22).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        br.add(y30).intoArray(y, row);
        br.add(y31).intoArray(y, row + VL);
        br.add(y32).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 4]);
        br.add(y40).intoArray(y, row);
        br.add(y41).intoArray(y, row + VL);
        br.add(y42).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 5]);
        br.add(y50).intoArray(y, row);
        br.add(y51).intoArray(y, row + VL);
        br.add(y52).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 6]);
        br.add(y60).intoArray(y, row);
        br.add(y61).intoArray(y, row + VL);
        br.add(y62).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 7]);
        br.add(y70).intoArray(y, row);
        br.add(y71).intoArray(y, row + VL);
        br.add(y72).intoArray(y, row + 2 * VL);
    }

    private static void tile4x3(
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
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector y00 = zero;
        FloatVector y01 = zero;
        FloatVector y02 = zero;
        FloatVector y10 = zero;
        FloatVector y11 = zero;
        FloatVector y12 = zero;
        FloatVector y20 = zero;
        FloatVector y21 = zero;
        FloatVector y22 = zero;
        FloatVector y30 = zero;
        FloatVector y31 = zero;
        FloatVector y32 = zero;
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * CHANNELS;
            int xi = xOff + distance[q];
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xi);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            FloatVector x2 = FloatVector.fromArray(SPECIES, x, xi + 2 * VL);
            FloatVector wr;
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            y02 = wr.fma(x2, y02);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            y12 = wr.fma(x2, y12);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            y22 = wr.fma(x2, y22);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            y32 = wr.fma(x2, y32);
        }
        FloatVector br;
        int row = at;
        br = FloatVector.broadcast(SPECIES, bias[biasOff]);
        br.add(y00).intoArray(y, row);
        br.add(y01).intoArray(y, row + VL);
        br.add(y02).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        br.add(y10).intoArray(y, row);
        br.add(y11).intoArray(y, row + VL);
        br.add(y12).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        br.add(y20).intoArray(y, row);
        br.add(y21).intoArray(y, row + VL);
        br.add(y22).intoArray(y, row + 2 * VL);
        row += ldy;
        br = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        br.add(y30).intoArray(y, row);
        br.add(y31).intoArray(y, row + VL);
        br.add(y32).intoArray(y, row + 2 * VL);
    }

    private static void tile8x1(
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
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector y00 = zero;
        FloatVector y10 = zero;
        FloatVector y20 = zero;
        FloatVector y30 = zero;
        FloatVector y40 = zero;
        FloatVector y50 = zero;
        FloatVector y60 = zero;
        FloatVector y70 = zero;
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
        FloatVector.broadcast(SPECIES, bias[biasOff]).add(y00).intoArray(y, at);
        FloatVector.broadcast(SPECIES, bias[biasOff + 1]).add(y10).intoArray(y, at + ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 2]).add(y20).intoArray(y, at + 2 * ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 3]).add(y30).intoArray(y, at + 3 * ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 4]).add(y40).intoArray(y, at + 4 * ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 5]).add(y50).intoArray(y, at + 5 * ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 6]).add(y60).intoArray(y, at + 6 * ldy);
        FloatVector.broadcast(SPECIES, bias[biasOff + 7]).add(y70).intoArray(y, at + 7 * ldy);
    }

    private static void tile1x4(
            int terms,
            float[] w,
            int wOff,
            float bias,
            float[] x,
            int xOff,
            int[] distance,
            float[] y,
            int at) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector y0 = zero;
        FloatVector y1 = zero;
        FloatVector y2 = zero;
        FloatVector y3 = zero;
        for (int q = 0; q < terms; q++) {
            int xi = xOff + distance[q];
            FloatVector wr = FloatVector.broadcast(SPECIES, w[wOff + q * CHANNELS]);
            y0 = wr.fma(FloatVector.fromArray(SPECIES, x, xi), y0);
            y1 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + VL), y1);
            y2 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + 2 * VL), y2);
            y3 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + 3 * VL), y3);
        }
        FloatVector br = FloatVector.broadcast(SPECIES, bias);
        br.add(y0).intoArray(y, at);
        br.add(y1).intoArray(y, at + VL);
        br.add(y2).intoArray(y, at + 2 * VL);
        br.add(y3).intoArray(y, at + 3 * VL);
    }
}
