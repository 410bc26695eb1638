package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of a convolution's outputs on the planes of {@link Planes}: a register tile of 8
 * channels by 3 vectors of neighbouring outputs, and of what is left by fewer ({@link
 * OutputRests}).
 *
 * <p>For each tap of each input channel: three loads at that tap's distance, 8 broadcast weights
 * and 24 multiply-adds. Loads go through the table of distances, so their range checks stay; they
 * are hidden behind the multiply-adds. Measured on first-level data: 92 to 99 % of the multiply-add
 * peak with 512-bit vectors. Where registers are 16, tiles have 4 channels by 2 vectors ({@link
 * OutputRests}). Where there are few channels (a picture's gradient, depthwise convolution) a tile
 * has 4 rows, or one by 4 vectors, which loads bound.
 *
 * <p>Sums begin with the bias. Each is cast to {@link Lanes#TYPE} before it is stored, in the
 * loop's own method: JDK 17 loses the class of a vector that lives through a loop, and then makes
 * an object of it. Why nothing else tells it the class: C2 inlines vector operations only up to a
 * limit on the size of a method, and kernels of some ninety operations lie at that limit.
 */
final class OutputKernel {
    /** Output channels of a tile. */
    static final int CHANNELS = 8;

    private OutputKernel() {}

    /**
     * Outputs [channels, positions]: y[r, p] = bias[r] + sum over q of w[q, r] x[distance[q] + p].
     *
     * @param channels from 1 to 8; rows beyond them are written or not
     * @param w packed as [terms, 8] from {@code wOff} on
     * @param y 8 rows from {@code yOff} on, {@code ldy} apart, written in up to four whole vectors
     *     beyond positions
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
            int yOff,
            int ldy) {
        int p = 0;
        if (channels == 1) {
            for (; p < positions; p += 4 * VL) {
                tile1x4(terms, w, wOff, bias[biasOff], x, xOff + p, distance, y, yOff + p);
            }
            return;
        }
        if (MANY_REGISTERS) {
            // Of four vectors that are left, two and two, for a tile of one has too many loads.
            boolean four = IntMath.ceilDiv(positions, VL) % 3 == 1 && channels > 4;
            int wide = four ? 4 * VL : 2 * VL;
            for (; p < positions - wide; p += 3 * VL) {
                int from = xOff + p;
                int to = yOff + p;
                if (channels <= 4) {
                    tile4x3(terms, w, wOff, bias, biasOff, x, from, distance, y, to, ldy);
                } else {
                    tile8x3(terms, w, wOff, bias, biasOff, x, from, distance, y, to, ldy);
                }
            }
        }
        for (; p < positions - VL; p += 2 * VL) {
            int from = xOff + p;
            int to = yOff + p;
            if (MANY_REGISTERS) {
                OutputRests.tile8x2(terms, w, wOff, bias, biasOff, x, from, distance, y, to, ldy);
                continue;
            }
            OutputRests.tile4x2(terms, w, wOff, bias, biasOff, x, from, distance, y, to, ldy);
            if (channels > 4) {
                to += 4 * ldy;
                OutputRests.tile4x2(
                        terms, w, wOff + 4, bias, biasOff + 4, x, from, distance, y, to, ldy);
            }
        }
        for (; p < positions; p += VL) {
            OutputRests.tile8x1(
                    terms, w, wOff, bias, biasOff, x, xOff + p, distance, y, yOff + p, ldy);
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
        FloatVector b0 = FloatVector.broadcast(SPECIES, bias[biasOff]);
        FloatVector y00 = b0;
        FloatVector y01 = b0;
        FloatVector y02 = b0;
        FloatVector b1 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y10 = b1;
        FloatVector y11 = b1;
        FloatVector y12 = b1;
        FloatVector b2 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y20 = b2;
        FloatVector y21 = b2;
        FloatVector y22 = b2;
        FloatVector b3 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y30 = b3;
        FloatVector y31 = b3;
        FloatVector y32 = b3;
        FloatVector b4 = FloatVector.broadcast(SPECIES, bias[biasOff + 4]);
        FloatVector y40 = b4;
        FloatVector y41 = b4;
        FloatVector y42 = b4;
        FloatVector b5 = FloatVector.broadcast(SPECIES, bias[biasOff + 5]);
        FloatVector y50 = b5;
        FloatVector y51 = b5;
        FloatVector y52 = b5;
        FloatVector b6 = FloatVector.broadcast(SPECIES, bias[biasOff + 6]);
        FloatVector y60 = b6;
        FloatVector y61 = b6;
        FloatVector y62 = b6;
        FloatVector b7 = FloatVector.broadcast(SPECIES, bias[biasOff + 7]);
        FloatVector y70 = b7;
        FloatVector y71 = b7;
        FloatVector y72 = b7;
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
        int row = at;
        TYPE.cast(y00).intoArray(y, row);
        TYPE.cast(y01).intoArray(y, row + VL);
        TYPE.cast(y02).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y10).intoArray(y, row);
        TYPE.cast(y11).intoArray(y, row + VL);
        TYPE.cast(y12).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y20).intoArray(y, row);
        TYPE.cast(y21).intoArray(y, row + VL);
        TYPE.cast(y22).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y30).intoArray(y, row);
        TYPE.cast(y31).intoArray(y, row + VL);
        TYPE.cast(y32).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y40).intoArray(y, row);
        TYPE.cast(y41).intoArray(y, row + VL);
        TYPE.cast(y42).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y50).intoArray(y, row);
        TYPE.cast(y51).intoArray(y, row + VL);
        TYPE.cast(y52).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y60).intoArray(y, row);
        TYPE.cast(y61).intoArray(y, row + VL);
        TYPE.cast(y62).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y70).intoArray(y, row);
        TYPE.cast(y71).intoArray(y, row + VL);
        TYPE.cast(y72).intoArray(y, row + 2 * VL);
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
        FloatVector b0 = FloatVector.broadcast(SPECIES, bias[biasOff]);
        FloatVector y00 = b0;
        FloatVector y01 = b0;
        FloatVector y02 = b0;
        FloatVector b1 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y10 = b1;
        FloatVector y11 = b1;
        FloatVector y12 = b1;
        FloatVector b2 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y20 = b2;
        FloatVector y21 = b2;
        FloatVector y22 = b2;
        FloatVector b3 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y30 = b3;
        FloatVector y31 = b3;
        FloatVector y32 = b3;
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
        int row = at;
        TYPE.cast(y00).intoArray(y, row);
        TYPE.cast(y01).intoArray(y, row + VL);
        TYPE.cast(y02).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y10).intoArray(y, row);
        TYPE.cast(y11).intoArray(y, row + VL);
        TYPE.cast(y12).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y20).intoArray(y, row);
        TYPE.cast(y21).intoArray(y, row + VL);
        TYPE.cast(y22).intoArray(y, row + 2 * VL);
        row += ldy;
        TYPE.cast(y30).intoArray(y, row);
        TYPE.cast(y31).intoArray(y, row + VL);
        TYPE.cast(y32).intoArray(y, row + 2 * VL);
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
        FloatVector br = FloatVector.broadcast(SPECIES, bias);
        FloatVector y0 = br;
        FloatVector y1 = br;
        FloatVector y2 = br;
        FloatVector y3 = br;
        for (int q = 0; q < terms; q++) {
            int xi = xOff + distance[q];
            FloatVector wr = FloatVector.broadcast(SPECIES, w[wOff + q * CHANNELS]);
            y0 = wr.fma(FloatVector.fromArray(SPECIES, x, xi), y0);
            y1 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + VL), y1);
            y2 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + 2 * VL), y2);
            y3 = wr.fma(FloatVector.fromArray(SPECIES, x, xi + 3 * VL), y3);
        }
        TYPE.cast(y0).intoArray(y, at);
        TYPE.cast(y1).intoArray(y, at + VL);
        TYPE.cast(y2).intoArray(y, at + 2 * VL);
        TYPE.cast(y3).intoArray(y, at + 3 * VL);
    }
}
