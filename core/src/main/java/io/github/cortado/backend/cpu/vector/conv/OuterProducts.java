package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.vector.product.GemmKernels;
import jdk.incubator.vector.FloatVector;

/**
 * Sums of outer products of rows, where both matrices are stored row by row: S += A^T B, for two
 * vectors of columns of B. Elements of A that are multiplied by the same vectors are neighbours, so
 * that one register says where they are. Register tiles are 8 columns of A by 2 vectors; where
 * registers are 16, {@link GemmKernels} has the tile, for panels.
 */
final class OuterProducts {
    /** Columns of A of a register tile. */
    static final int TILE = 8;

    private OuterProducts() {}

    /**
     * s[i, 2 VL] += sum over t of a[t, i] b[t, 2 VL] for i below {@code columns}, and for some
     * beyond, up to a multiple of {@link #TILE}.
     */
    static void add(
            int steps,
            int columns,
            float[] a,
            int aOff,
            int lda,
            float[] b,
            int bOff,
            int ldb,
            float[] s,
            int sOff) {
        for (int i = 0; i < columns; i += TILE) {
            tile8x2(steps, a, aOff + i, lda, b, bOff, ldb, s, sOff + 2 * i * VL);
        }
    }

    /** s[2 VL] += sum over t of b[t, 2 VL]. */
    static void addRows(int steps, float[] b, int bOff, int ldb, float[] s, int sOff) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, s, sOff);
        FloatVector s1 = FloatVector.fromArray(SPECIES, s, sOff + VL);
        int from = bOff;
        for (int t = 0; t < steps; t++) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, b, from));
            s1 = s1.add(FloatVector.fromArray(SPECIES, b, from + VL));
            from += ldb;
        }
        TYPE.cast(s0).intoArray(s, sOff);
        TYPE.cast(s1).intoArray(s, sOff + VL);
    }

    private static void tile8x2(
            int steps,
            float[] a,
            int aOff,
            int lda,
            float[] b,
            int bOff,
            int ldb,
            float[] s,
            int sOff) {
        FloatVector s00 = FloatVector.fromArray(SPECIES, s, sOff);
        FloatVector s01 = FloatVector.fromArray(SPECIES, s, sOff + VL);
        FloatVector s10 = FloatVector.fromArray(SPECIES, s, sOff + 2 * VL);
        FloatVector s11 = FloatVector.fromArray(SPECIES, s, sOff + 3 * VL);
        FloatVector s20 = FloatVector.fromArray(SPECIES, s, sOff + 4 * VL);
        FloatVector s21 = FloatVector.fromArray(SPECIES, s, sOff + 5 * VL);
        FloatVector s30 = FloatVector.fromArray(SPECIES, s, sOff + 6 * VL);
        FloatVector s31 = FloatVector.fromArray(SPECIES, s, sOff + 7 * VL);
        FloatVector s40 = FloatVector.fromArray(SPECIES, s, sOff + 8 * VL);
        FloatVector s41 = FloatVector.fromArray(SPECIES, s, sOff + 9 * VL);
        FloatVector s50 = FloatVector.fromArray(SPECIES, s, sOff + 10 * VL);
        FloatVector s51 = FloatVector.fromArray(SPECIES, s, sOff + 11 * VL);
        FloatVector s60 = FloatVector.fromArray(SPECIES, s, sOff + 12 * VL);
        FloatVector s61 = FloatVector.fromArray(SPECIES, s, sOff + 13 * VL);
        FloatVector s70 = FloatVector.fromArray(SPECIES, s, sOff + 14 * VL);
        FloatVector s71 = FloatVector.fromArray(SPECIES, s, sOff + 15 * VL);
        int at = aOff;
        int from = bOff;
        for (int t = 0; t < steps; t++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, from);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, from + VL);
            FloatVector x;
            x = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            x = FloatVector.broadcast(SPECIES, a[at + 4]);
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            x = FloatVector.broadcast(SPECIES, a[at + 5]);
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
            x = FloatVector.broadcast(SPECIES, a[at + 6]);
            s60 = x.fma(b0, s60);
            s61 = x.fma(b1, s61);
            x = FloatVector.broadcast(SPECIES, a[at + 7]);
            s70 = x.fma(b0, s70);
            s71 = x.fma(b1, s71);
            at += lda;
            from += ldb;
        }
        TYPE.cast(s00).intoArray(s, sOff);
        TYPE.cast(s01).intoArray(s, sOff + VL);
        TYPE.cast(s10).intoArray(s, sOff + 2 * VL);
        TYPE.cast(s11).intoArray(s, sOff + 3 * VL);
        TYPE.cast(s20).intoArray(s, sOff + 4 * VL);
        TYPE.cast(s21).intoArray(s, sOff + 5 * VL);
        TYPE.cast(s30).intoArray(s, sOff + 6 * VL);
        TYPE.cast(s31).intoArray(s, sOff + 7 * VL);
        TYPE.cast(s40).intoArray(s, sOff + 8 * VL);
        TYPE.cast(s41).intoArray(s, sOff + 9 * VL);
        TYPE.cast(s50).intoArray(s, sOff + 10 * VL);
        TYPE.cast(s51).intoArray(s, sOff + 11 * VL);
        TYPE.cast(s60).intoArray(s, sOff + 12 * VL);
        TYPE.cast(s61).intoArray(s, sOff + 13 * VL);
        TYPE.cast(s70).intoArray(s, sOff + 14 * VL);
        TYPE.cast(s71).intoArray(s, sOff + 15 * VL);
    }
}
