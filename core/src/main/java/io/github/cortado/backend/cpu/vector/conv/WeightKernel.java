package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of a convolution's weight gradient: a register tile of 12 taps by 2 vectors of
 * output channels, or of 9 taps by 1 where there are few channels.
 *
 * <p>For each position: its place in the planes from a table, two loads of the transposed gradient,
 * 12 broadcast inputs and 24 multiply-adds. Measured on first-level data: 95 to 99 % of the
 * multiply-add peak with 512-bit vectors, 65 % for 9 by 1, which has too few sums for its loads.
 * Where registers are 16, tiles have 4 taps by 2, two positions at a time.
 *
 * <p>12 places of taps are more than there are registers for integers. In three of four processes
 * C2 of JDK 17 keeps some of them in vector registers, and 12 moves from there to the address,
 * which take the way of multiply-adds, bring the tile from 255 to 147 GFLOP/s; JDK 25 does not. 6
 * taps by 4 vectors have room: 235, but 155 in some processes.
 */
final class WeightKernel {
    /** All tiles cover this many terms in whole numbers. */
    static final int PADDING = 36;

    private WeightKernel() {}

    /**
     * Channels of a block that suit so many of them: two vectors, or four where that wastes none.
     */
    static int channels(int all) {
        return MANY_REGISTERS && IntMath.roundUp(all, 2 * VL) % (4 * VL) == 0 ? 4 * VL : 2 * VL;
    }

    /**
     * dw[q, ld] += sum over p of x[distance[q] + position[p]] dy[p, ld] for all terms q, and for
     * some beyond, up to a multiple of {@link #PADDING}.
     *
     * @param ld channels: one vector or two, or four where there are many registers
     */
    static void weights(
            int positions,
            int terms,
            float[] x,
            int xOff,
            int[] position,
            int[] distance,
            float[] dy,
            int dyOff,
            int ld,
            float[] dw,
            int dwOff) {
        if (ld == VL) {
            for (int q = 0; q < terms; q += 9) {
                tile9x1(positions, x, xOff, position, distance, q, dy, dyOff, dw, dwOff + q * ld);
            }
        } else if (ld == 4 * VL) {
            for (int q = 0; q < terms; q += 6) {
                tile6x4(positions, x, xOff, position, distance, q, dy, dyOff, dw, dwOff + q * ld);
            }
        } else if (MANY_REGISTERS) {
            for (int q = 0; q < terms; q += 12) {
                tile12x2(positions, x, xOff, position, distance, q, dy, dyOff, dw, dwOff + q * ld);
            }
        } else {
            for (int q = 0; q < terms; q += 4) {
                tile4x2(positions, x, xOff, position, distance, q, dy, dyOff, dw, dwOff + q * ld);
            }
        }
    }

    /** Adds to db[ld] the sums of dy[positions, ld]. */
    static void bias(int positions, float[] dy, int dyOff, int ld, float[] db, int dbOff) {
        for (int c = 0; c < ld; c += VL) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int p = 0; p < positions; p++) {
                sum = FloatVector.fromArray(SPECIES, dy, dyOff + p * ld + c).add(sum);
            }
            FloatVector.fromArray(SPECIES, db, dbOff + c).add(sum).intoArray(db, dbOff + c);
        }
    }

    private static void tile12x2(
            int positions,
            float[] x,
            int xOff,
            int[] position,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
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
        int x9 = xOff + distance[q + 9];
        int x10 = xOff + distance[q + 10];
        int x11 = xOff + distance[q + 11];
        FloatVector w00 = FloatVector.fromArray(SPECIES, dw, dwOff);
        FloatVector w01 = FloatVector.fromArray(SPECIES, dw, dwOff + VL);
        FloatVector w10 = FloatVector.fromArray(SPECIES, dw, dwOff + 2 * VL);
        FloatVector w11 = FloatVector.fromArray(SPECIES, dw, dwOff + 3 * VL);
        FloatVector w20 = FloatVector.fromArray(SPECIES, dw, dwOff + 4 * VL);
        FloatVector w21 = FloatVector.fromArray(SPECIES, dw, dwOff + 5 * VL);
        FloatVector w30 = FloatVector.fromArray(SPECIES, dw, dwOff + 6 * VL);
        FloatVector w31 = FloatVector.fromArray(SPECIES, dw, dwOff + 7 * VL);
        FloatVector w40 = FloatVector.fromArray(SPECIES, dw, dwOff + 8 * VL);
        FloatVector w41 = FloatVector.fromArray(SPECIES, dw, dwOff + 9 * VL);
        FloatVector w50 = FloatVector.fromArray(SPECIES, dw, dwOff + 10 * VL);
        FloatVector w51 = FloatVector.fromArray(SPECIES, dw, dwOff + 11 * VL);
        FloatVector w60 = FloatVector.fromArray(SPECIES, dw, dwOff + 12 * VL);
        FloatVector w61 = FloatVector.fromArray(SPECIES, dw, dwOff + 13 * VL);
        FloatVector w70 = FloatVector.fromArray(SPECIES, dw, dwOff + 14 * VL);
        FloatVector w71 = FloatVector.fromArray(SPECIES, dw, dwOff + 15 * VL);
        FloatVector w80 = FloatVector.fromArray(SPECIES, dw, dwOff + 16 * VL);
        FloatVector w81 = FloatVector.fromArray(SPECIES, dw, dwOff + 17 * VL);
        FloatVector w90 = FloatVector.fromArray(SPECIES, dw, dwOff + 18 * VL);
        FloatVector w91 = FloatVector.fromArray(SPECIES, dw, dwOff + 19 * VL);
        FloatVector w100 = FloatVector.fromArray(SPECIES, dw, dwOff + 20 * VL);
        FloatVector w101 = FloatVector.fromArray(SPECIES, dw, dwOff + 21 * VL);
        FloatVector w110 = FloatVector.fromArray(SPECIES, dw, dwOff + 22 * VL);
        FloatVector w111 = FloatVector.fromArray(SPECIES, dw, dwOff + 23 * VL);
        for (int p = 0; p < positions; p++) {
            int xi = position[p];
            FloatVector d0 = FloatVector.fromArray(SPECIES, dy, dyOff + p * 2 * VL);
            FloatVector d1 = FloatVector.fromArray(SPECIES, dy, dyOff + p * 2 * VL + VL);
            FloatVector xr;
            xr = FloatVector.broadcast(SPECIES, x[xi + x0]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            xr = FloatVector.broadcast(SPECIES, x[xi + x1]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            xr = FloatVector.broadcast(SPECIES, x[xi + x2]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            xr = FloatVector.broadcast(SPECIES, x[xi + x3]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
            xr = FloatVector.broadcast(SPECIES, x[xi + x4]);
            w40 = xr.fma(d0, w40);
            w41 = xr.fma(d1, w41);
            xr = FloatVector.broadcast(SPECIES, x[xi + x5]);
            w50 = xr.fma(d0, w50);
            w51 = xr.fma(d1, w51);
            xr = FloatVector.broadcast(SPECIES, x[xi + x6]);
            w60 = xr.fma(d0, w60);
            w61 = xr.fma(d1, w61);
            xr = FloatVector.broadcast(SPECIES, x[xi + x7]);
            w70 = xr.fma(d0, w70);
            w71 = xr.fma(d1, w71);
            xr = FloatVector.broadcast(SPECIES, x[xi + x8]);
            w80 = xr.fma(d0, w80);
            w81 = xr.fma(d1, w81);
            xr = FloatVector.broadcast(SPECIES, x[xi + x9]);
            w90 = xr.fma(d0, w90);
            w91 = xr.fma(d1, w91);
            xr = FloatVector.broadcast(SPECIES, x[xi + x10]);
            w100 = xr.fma(d0, w100);
            w101 = xr.fma(d1, w101);
            xr = FloatVector.broadcast(SPECIES, x[xi + x11]);
            w110 = xr.fma(d0, w110);
            w111 = xr.fma(d1, w111);
        }
        int at = dwOff;
        TYPE.cast(w00).intoArray(dw, at);
        TYPE.cast(w01).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w10).intoArray(dw, at);
        TYPE.cast(w11).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w20).intoArray(dw, at);
        TYPE.cast(w21).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w30).intoArray(dw, at);
        TYPE.cast(w31).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w40).intoArray(dw, at);
        TYPE.cast(w41).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w50).intoArray(dw, at);
        TYPE.cast(w51).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w60).intoArray(dw, at);
        TYPE.cast(w61).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w70).intoArray(dw, at);
        TYPE.cast(w71).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w80).intoArray(dw, at);
        TYPE.cast(w81).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w90).intoArray(dw, at);
        TYPE.cast(w91).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w100).intoArray(dw, at);
        TYPE.cast(w101).intoArray(dw, at + VL);
        at += 2 * VL;
        TYPE.cast(w110).intoArray(dw, at);
        TYPE.cast(w111).intoArray(dw, at + VL);
    }

    private static void tile6x4(
            int positions,
            float[] x,
            int xOff,
            int[] position,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff) {
        int x0 = xOff + distance[q];
        int x1 = xOff + distance[q + 1];
        int x2 = xOff + distance[q + 2];
        int x3 = xOff + distance[q + 3];
        int x4 = xOff + distance[q + 4];
        int x5 = xOff + distance[q + 5];
        FloatVector w00 = FloatVector.fromArray(SPECIES, dw, dwOff);
        FloatVector w01 = FloatVector.fromArray(SPECIES, dw, dwOff + VL);
        FloatVector w02 = FloatVector.fromArray(SPECIES, dw, dwOff + 2 * VL);
        FloatVector w03 = FloatVector.fromArray(SPECIES, dw, dwOff + 3 * VL);
        FloatVector w10 = FloatVector.fromArray(SPECIES, dw, dwOff + 4 * VL);
        FloatVector w11 = FloatVector.fromArray(SPECIES, dw, dwOff + 5 * VL);
        FloatVector w12 = FloatVector.fromArray(SPECIES, dw, dwOff + 6 * VL);
        FloatVector w13 = FloatVector.fromArray(SPECIES, dw, dwOff + 7 * VL);
        FloatVector w20 = FloatVector.fromArray(SPECIES, dw, dwOff + 8 * VL);
        FloatVector w21 = FloatVector.fromArray(SPECIES, dw, dwOff + 9 * VL);
        FloatVector w22 = FloatVector.fromArray(SPECIES, dw, dwOff + 10 * VL);
        FloatVector w23 = FloatVector.fromArray(SPECIES, dw, dwOff + 11 * VL);
        FloatVector w30 = FloatVector.fromArray(SPECIES, dw, dwOff + 12 * VL);
        FloatVector w31 = FloatVector.fromArray(SPECIES, dw, dwOff + 13 * VL);
        FloatVector w32 = FloatVector.fromArray(SPECIES, dw, dwOff + 14 * VL);
        FloatVector w33 = FloatVector.fromArray(SPECIES, dw, dwOff + 15 * VL);
        FloatVector w40 = FloatVector.fromArray(SPECIES, dw, dwOff + 16 * VL);
        FloatVector w41 = FloatVector.fromArray(SPECIES, dw, dwOff + 17 * VL);
        FloatVector w42 = FloatVector.fromArray(SPECIES, dw, dwOff + 18 * VL);
        FloatVector w43 = FloatVector.fromArray(SPECIES, dw, dwOff + 19 * VL);
        FloatVector w50 = FloatVector.fromArray(SPECIES, dw, dwOff + 20 * VL);
        FloatVector w51 = FloatVector.fromArray(SPECIES, dw, dwOff + 21 * VL);
        FloatVector w52 = FloatVector.fromArray(SPECIES, dw, dwOff + 22 * VL);
        FloatVector w53 = FloatVector.fromArray(SPECIES, dw, dwOff + 23 * VL);
        for (int p = 0; p < positions; p++) {
            int xi = position[p];
            int at = dyOff + p * 4 * VL;
            FloatVector d0 = FloatVector.fromArray(SPECIES, dy, at);
            FloatVector d1 = FloatVector.fromArray(SPECIES, dy, at + VL);
            FloatVector d2 = FloatVector.fromArray(SPECIES, dy, at + 2 * VL);
            FloatVector d3 = FloatVector.fromArray(SPECIES, dy, at + 3 * VL);
            FloatVector xr;
            xr = FloatVector.broadcast(SPECIES, x[xi + x0]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            w02 = xr.fma(d2, w02);
            w03 = xr.fma(d3, w03);
            xr = FloatVector.broadcast(SPECIES, x[xi + x1]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            w12 = xr.fma(d2, w12);
            w13 = xr.fma(d3, w13);
            xr = FloatVector.broadcast(SPECIES, x[xi + x2]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            w22 = xr.fma(d2, w22);
            w23 = xr.fma(d3, w23);
            xr = FloatVector.broadcast(SPECIES, x[xi + x3]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
            w32 = xr.fma(d2, w32);
            w33 = xr.fma(d3, w33);
            xr = FloatVector.broadcast(SPECIES, x[xi + x4]);
            w40 = xr.fma(d0, w40);
            w41 = xr.fma(d1, w41);
            w42 = xr.fma(d2, w42);
            w43 = xr.fma(d3, w43);
            xr = FloatVector.broadcast(SPECIES, x[xi + x5]);
            w50 = xr.fma(d0, w50);
            w51 = xr.fma(d1, w51);
            w52 = xr.fma(d2, w52);
            w53 = xr.fma(d3, w53);
        }
        int at = dwOff;
        TYPE.cast(w00).intoArray(dw, at);
        TYPE.cast(w01).intoArray(dw, at + VL);
        TYPE.cast(w02).intoArray(dw, at + 2 * VL);
        TYPE.cast(w03).intoArray(dw, at + 3 * VL);
        at += 4 * VL;
        TYPE.cast(w10).intoArray(dw, at);
        TYPE.cast(w11).intoArray(dw, at + VL);
        TYPE.cast(w12).intoArray(dw, at + 2 * VL);
        TYPE.cast(w13).intoArray(dw, at + 3 * VL);
        at += 4 * VL;
        TYPE.cast(w20).intoArray(dw, at);
        TYPE.cast(w21).intoArray(dw, at + VL);
        TYPE.cast(w22).intoArray(dw, at + 2 * VL);
        TYPE.cast(w23).intoArray(dw, at + 3 * VL);
        at += 4 * VL;
        TYPE.cast(w30).intoArray(dw, at);
        TYPE.cast(w31).intoArray(dw, at + VL);
        TYPE.cast(w32).intoArray(dw, at + 2 * VL);
        TYPE.cast(w33).intoArray(dw, at + 3 * VL);
        at += 4 * VL;
        TYPE.cast(w40).intoArray(dw, at);
        TYPE.cast(w41).intoArray(dw, at + VL);
        TYPE.cast(w42).intoArray(dw, at + 2 * VL);
        TYPE.cast(w43).intoArray(dw, at + 3 * VL);
        at += 4 * VL;
        TYPE.cast(w50).intoArray(dw, at);
        TYPE.cast(w51).intoArray(dw, at + VL);
        TYPE.cast(w52).intoArray(dw, at + 2 * VL);
        TYPE.cast(w53).intoArray(dw, at + 3 * VL);
    }

    private static void tile4x2(
            int positions,
            float[] x,
            int xOff,
            int[] position,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff) {
        int x0 = xOff + distance[q];
        int x1 = xOff + distance[q + 1];
        int x2 = xOff + distance[q + 2];
        int x3 = xOff + distance[q + 3];
        FloatVector w00 = FloatVector.fromArray(SPECIES, dw, dwOff);
        FloatVector w01 = FloatVector.fromArray(SPECIES, dw, dwOff + VL);
        FloatVector w10 = FloatVector.fromArray(SPECIES, dw, dwOff + 2 * VL);
        FloatVector w11 = FloatVector.fromArray(SPECIES, dw, dwOff + 3 * VL);
        FloatVector w20 = FloatVector.fromArray(SPECIES, dw, dwOff + 4 * VL);
        FloatVector w21 = FloatVector.fromArray(SPECIES, dw, dwOff + 5 * VL);
        FloatVector w30 = FloatVector.fromArray(SPECIES, dw, dwOff + 6 * VL);
        FloatVector w31 = FloatVector.fromArray(SPECIES, dw, dwOff + 7 * VL);
        FloatVector d0;
        FloatVector d1;
        FloatVector xr;
        int p = 0;
        int at = dyOff;
        int xi;
        for (; p < positions - 1; p += 2) {
            xi = position[p];
            d0 = FloatVector.fromArray(SPECIES, dy, at);
            d1 = FloatVector.fromArray(SPECIES, dy, at + VL);
            xr = FloatVector.broadcast(SPECIES, x[xi + x0]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            xr = FloatVector.broadcast(SPECIES, x[xi + x1]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            xr = FloatVector.broadcast(SPECIES, x[xi + x2]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            xr = FloatVector.broadcast(SPECIES, x[xi + x3]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
            xi = position[p + 1];
            d0 = FloatVector.fromArray(SPECIES, dy, at + 2 * VL);
            d1 = FloatVector.fromArray(SPECIES, dy, at + 3 * VL);
            xr = FloatVector.broadcast(SPECIES, x[xi + x0]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            xr = FloatVector.broadcast(SPECIES, x[xi + x1]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            xr = FloatVector.broadcast(SPECIES, x[xi + x2]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            xr = FloatVector.broadcast(SPECIES, x[xi + x3]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
            at += 4 * VL;
        }
        if (p < positions) {
            xi = position[p];
            d0 = FloatVector.fromArray(SPECIES, dy, at);
            d1 = FloatVector.fromArray(SPECIES, dy, at + VL);
            xr = FloatVector.broadcast(SPECIES, x[xi + x0]);
            w00 = xr.fma(d0, w00);
            w01 = xr.fma(d1, w01);
            xr = FloatVector.broadcast(SPECIES, x[xi + x1]);
            w10 = xr.fma(d0, w10);
            w11 = xr.fma(d1, w11);
            xr = FloatVector.broadcast(SPECIES, x[xi + x2]);
            w20 = xr.fma(d0, w20);
            w21 = xr.fma(d1, w21);
            xr = FloatVector.broadcast(SPECIES, x[xi + x3]);
            w30 = xr.fma(d0, w30);
            w31 = xr.fma(d1, w31);
        }
        TYPE.cast(w00).intoArray(dw, dwOff);
        TYPE.cast(w01).intoArray(dw, dwOff + VL);
        TYPE.cast(w10).intoArray(dw, dwOff + 2 * VL);
        TYPE.cast(w11).intoArray(dw, dwOff + 3 * VL);
        TYPE.cast(w20).intoArray(dw, dwOff + 4 * VL);
        TYPE.cast(w21).intoArray(dw, dwOff + 5 * VL);
        TYPE.cast(w30).intoArray(dw, dwOff + 6 * VL);
        TYPE.cast(w31).intoArray(dw, dwOff + 7 * VL);
    }

    private static void tile9x1(
            int positions,
            float[] x,
            int xOff,
            int[] position,
            int[] distance,
            int q,
            float[] dy,
            int dyOff,
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
        FloatVector w00 = FloatVector.fromArray(SPECIES, dw, dwOff);
        FloatVector w10 = FloatVector.fromArray(SPECIES, dw, dwOff + VL);
        FloatVector w20 = FloatVector.fromArray(SPECIES, dw, dwOff + 2 * VL);
        FloatVector w30 = FloatVector.fromArray(SPECIES, dw, dwOff + 3 * VL);
        FloatVector w40 = FloatVector.fromArray(SPECIES, dw, dwOff + 4 * VL);
        FloatVector w50 = FloatVector.fromArray(SPECIES, dw, dwOff + 5 * VL);
        FloatVector w60 = FloatVector.fromArray(SPECIES, dw, dwOff + 6 * VL);
        FloatVector w70 = FloatVector.fromArray(SPECIES, dw, dwOff + 7 * VL);
        FloatVector w80 = FloatVector.fromArray(SPECIES, dw, dwOff + 8 * VL);
        for (int p = 0; p < positions; p++) {
            int xi = position[p];
            FloatVector d0 = FloatVector.fromArray(SPECIES, dy, dyOff + p * VL);
            w00 = FloatVector.broadcast(SPECIES, x[xi + x0]).fma(d0, w00);
            w10 = FloatVector.broadcast(SPECIES, x[xi + x1]).fma(d0, w10);
            w20 = FloatVector.broadcast(SPECIES, x[xi + x2]).fma(d0, w20);
            w30 = FloatVector.broadcast(SPECIES, x[xi + x3]).fma(d0, w30);
            w40 = FloatVector.broadcast(SPECIES, x[xi + x4]).fma(d0, w40);
            w50 = FloatVector.broadcast(SPECIES, x[xi + x5]).fma(d0, w50);
            w60 = FloatVector.broadcast(SPECIES, x[xi + x6]).fma(d0, w60);
            w70 = FloatVector.broadcast(SPECIES, x[xi + x7]).fma(d0, w70);
            w80 = FloatVector.broadcast(SPECIES, x[xi + x8]).fma(d0, w80);
        }
        int at = dwOff;
        TYPE.cast(w00).intoArray(dw, at);
        at += VL;
        TYPE.cast(w10).intoArray(dw, at);
        at += VL;
        TYPE.cast(w20).intoArray(dw, at);
        at += VL;
        TYPE.cast(w30).intoArray(dw, at);
        at += VL;
        TYPE.cast(w40).intoArray(dw, at);
        at += VL;
        TYPE.cast(w50).intoArray(dw, at);
        at += VL;
        TYPE.cast(w60).intoArray(dw, at);
        at += VL;
        TYPE.cast(w70).intoArray(dw, at);
        at += VL;
        TYPE.cast(w80).intoArray(dw, at);
    }
}
