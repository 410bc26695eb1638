package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of {@link OutputKernel} for what is left of a row: 8 channels by 2 vectors,
 * which are as fast as 3 where registers are many, or by 1, which loads bound at half of that. 4
 * channels by 2 vectors, two terms at a time, are the tile where registers are 16.
 */
final class OutputRests {
    private OutputRests() {}

    static void tile8x2(
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
        FloatVector b1 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y10 = b1;
        FloatVector y11 = b1;
        FloatVector b2 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y20 = b2;
        FloatVector y21 = b2;
        FloatVector b3 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y30 = b3;
        FloatVector y31 = b3;
        FloatVector b4 = FloatVector.broadcast(SPECIES, bias[biasOff + 4]);
        FloatVector y40 = b4;
        FloatVector y41 = b4;
        FloatVector b5 = FloatVector.broadcast(SPECIES, bias[biasOff + 5]);
        FloatVector y50 = b5;
        FloatVector y51 = b5;
        FloatVector b6 = FloatVector.broadcast(SPECIES, bias[biasOff + 6]);
        FloatVector y60 = b6;
        FloatVector y61 = b6;
        FloatVector b7 = FloatVector.broadcast(SPECIES, bias[biasOff + 7]);
        FloatVector y70 = b7;
        FloatVector y71 = b7;
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * OutputKernel.CHANNELS;
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
        int row = at;
        TYPE.cast(y00).intoArray(y, row);
        TYPE.cast(y01).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y10).intoArray(y, row);
        TYPE.cast(y11).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y20).intoArray(y, row);
        TYPE.cast(y21).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y30).intoArray(y, row);
        TYPE.cast(y31).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y40).intoArray(y, row);
        TYPE.cast(y41).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y50).intoArray(y, row);
        TYPE.cast(y51).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y60).intoArray(y, row);
        TYPE.cast(y61).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y70).intoArray(y, row);
        TYPE.cast(y71).intoArray(y, row + VL);
    }

    static void tile4x2(
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
        FloatVector y00 = FloatVector.broadcast(SPECIES, bias[biasOff]);
        FloatVector y01 = y00;
        FloatVector y10 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y11 = y10;
        FloatVector y20 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y21 = y20;
        FloatVector y30 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y31 = y30;
        FloatVector wr;
        FloatVector x0;
        FloatVector x1;
        int q = 0;
        int wi = wOff;
        int xi;
        for (; q < terms - 1; q += 2) {
            xi = xOff + distance[q];
            x0 = FloatVector.fromArray(SPECIES, x, xi);
            x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
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
            xi = xOff + distance[q + 1];
            x0 = FloatVector.fromArray(SPECIES, x, xi);
            x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            wr = FloatVector.broadcast(SPECIES, w[wi + OutputKernel.CHANNELS]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + OutputKernel.CHANNELS + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + OutputKernel.CHANNELS + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + OutputKernel.CHANNELS + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            wi += 2 * OutputKernel.CHANNELS;
        }
        if (q < terms) {
            xi = xOff + distance[q];
            x0 = FloatVector.fromArray(SPECIES, x, xi);
            x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
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
        int row = at;
        TYPE.cast(y00).intoArray(y, row);
        TYPE.cast(y01).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y10).intoArray(y, row);
        TYPE.cast(y11).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y20).intoArray(y, row);
        TYPE.cast(y21).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y30).intoArray(y, row);
        TYPE.cast(y31).intoArray(y, row + VL);
    }

    static void tile8x1(
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
        FloatVector y00 = FloatVector.broadcast(SPECIES, bias[biasOff]);
        FloatVector y10 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y20 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y30 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y40 = FloatVector.broadcast(SPECIES, bias[biasOff + 4]);
        FloatVector y50 = FloatVector.broadcast(SPECIES, bias[biasOff + 5]);
        FloatVector y60 = FloatVector.broadcast(SPECIES, bias[biasOff + 6]);
        FloatVector y70 = FloatVector.broadcast(SPECIES, bias[biasOff + 7]);
        for (int q = 0; q < terms; q++) {
            int wi = wOff + q * OutputKernel.CHANNELS;
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
        TYPE.cast(y00).intoArray(y, at);
        TYPE.cast(y10).intoArray(y, at + ldy);
        TYPE.cast(y20).intoArray(y, at + 2 * ldy);
        TYPE.cast(y30).intoArray(y, at + 3 * ldy);
        TYPE.cast(y40).intoArray(y, at + 4 * ldy);
        TYPE.cast(y50).intoArray(y, at + 5 * ldy);
        TYPE.cast(y60).intoArray(y, at + 6 * ldy);
        TYPE.cast(y70).intoArray(y, at + 7 * ldy);
    }
}
