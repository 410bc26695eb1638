package io.github.cortado.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link VectorGemm}: a register tile of 8 rows by 2 vectors, fed from packed
 * panels.
 *
 * <p>A panel of op(A) holds, for each k, 8 values of one column; a panel of op(B) holds, for each
 * k, two vectors of one row. Each step of k is then 2 vector loads, 8 broadcasts and 16 fused
 * multiply-adds into 16 accumulators, which hide the latency of 4 cycles and leave room in 32
 * registers. Vectors narrower than 512 bits usually come with 16 registers only, so there the 8
 * rows are done as twice 4. Either way each element of C sees the same operations in the same
 * order.
 */
final class GemmKernels {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Lanes of a vector. */
    static final int VL = SPECIES.length();

    /** Rows of a register tile. */
    static final int MR = 8;

    /** Columns of a register tile. */
    static final int NR = 2 * VL;

    private static final boolean MANY_REGISTERS = VL >= 16;

    private GemmKernels() {}

    /**
     * C[8, 2 VL] += the product of a panel of A and a panel of B, each {@code k} deep; {@code
     * narrow} leaves the second vector of columns alone.
     */
    static void tile(
            int k,
            float[] a,
            int aOff,
            float[] b,
            int bOff,
            float[] c,
            int cOff,
            int ldc,
            boolean narrow) {
        if (narrow) {
            tile8x1(k, a, aOff, b, bOff, c, cOff, ldc);
        } else if (MANY_REGISTERS) {
            tile8x2(k, a, aOff, b, bOff, c, cOff, ldc);
        } else {
            tile4x2(k, a, aOff, b, bOff, c, cOff, ldc);
            tile4x2(k, a, aOff + 4, b, bOff, c, cOff + 4 * ldc, ldc);
        }
    }

    private static void tile8x2(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c41 = FloatVector.zero(SPECIES);
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c51 = FloatVector.zero(SPECIES);
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c61 = FloatVector.zero(SPECIES);
        FloatVector c70 = FloatVector.zero(SPECIES);
        FloatVector c71 = FloatVector.zero(SPECIES);
        for (int i = 0; i < k; i++) {
            int ai = aOff + i * MR;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOff + i * NR);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOff + i * NR + VL);
            FloatVector ar;
            ar = FloatVector.broadcast(SPECIES, a[ai]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
            ar = FloatVector.broadcast(SPECIES, a[ai + 4]);
            c40 = ar.fma(b0, c40);
            c41 = ar.fma(b1, c41);
            ar = FloatVector.broadcast(SPECIES, a[ai + 5]);
            c50 = ar.fma(b0, c50);
            c51 = ar.fma(b1, c51);
            ar = FloatVector.broadcast(SPECIES, a[ai + 6]);
            c60 = ar.fma(b0, c60);
            c61 = ar.fma(b1, c61);
            ar = FloatVector.broadcast(SPECIES, a[ai + 7]);
            c70 = ar.fma(b0, c70);
            c71 = ar.fma(b1, c71);
        }
        put(c00, c, cOff);
        put(c01, c, cOff + VL);
        put(c10, c, cOff + ldc);
        put(c11, c, cOff + ldc + VL);
        put(c20, c, cOff + 2 * ldc);
        put(c21, c, cOff + 2 * ldc + VL);
        put(c30, c, cOff + 3 * ldc);
        put(c31, c, cOff + 3 * ldc + VL);
        put(c40, c, cOff + 4 * ldc);
        put(c41, c, cOff + 4 * ldc + VL);
        put(c50, c, cOff + 5 * ldc);
        put(c51, c, cOff + 5 * ldc + VL);
        put(c60, c, cOff + 6 * ldc);
        put(c61, c, cOff + 6 * ldc + VL);
        put(c70, c, cOff + 7 * ldc);
        put(c71, c, cOff + 7 * ldc + VL);
    }

    private static void tile4x2(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        for (int i = 0; i < k; i++) {
            int ai = aOff + i * MR;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOff + i * NR);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOff + i * NR + VL);
            FloatVector ar;
            ar = FloatVector.broadcast(SPECIES, a[ai]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
        }
        put(c00, c, cOff);
        put(c01, c, cOff + VL);
        put(c10, c, cOff + ldc);
        put(c11, c, cOff + ldc + VL);
        put(c20, c, cOff + 2 * ldc);
        put(c21, c, cOff + 2 * ldc + VL);
        put(c30, c, cOff + 3 * ldc);
        put(c31, c, cOff + 3 * ldc + VL);
    }

    private static void tile8x1(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c70 = FloatVector.zero(SPECIES);
        for (int i = 0; i < k; i++) {
            int ai = aOff + i * MR;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOff + i * NR);
            c00 = FloatVector.broadcast(SPECIES, a[ai]).fma(b0, c00);
            c10 = FloatVector.broadcast(SPECIES, a[ai + 1]).fma(b0, c10);
            c20 = FloatVector.broadcast(SPECIES, a[ai + 2]).fma(b0, c20);
            c30 = FloatVector.broadcast(SPECIES, a[ai + 3]).fma(b0, c30);
            c40 = FloatVector.broadcast(SPECIES, a[ai + 4]).fma(b0, c40);
            c50 = FloatVector.broadcast(SPECIES, a[ai + 5]).fma(b0, c50);
            c60 = FloatVector.broadcast(SPECIES, a[ai + 6]).fma(b0, c60);
            c70 = FloatVector.broadcast(SPECIES, a[ai + 7]).fma(b0, c70);
        }
        put(c00, c, cOff);
        put(c10, c, cOff + ldc);
        put(c20, c, cOff + 2 * ldc);
        put(c30, c, cOff + 3 * ldc);
        put(c40, c, cOff + 4 * ldc);
        put(c50, c, cOff + 5 * ldc);
        put(c60, c, cOff + 6 * ldc);
        put(c70, c, cOff + 7 * ldc);
    }

    private static void put(FloatVector v, float[] c, int at) {
        FloatVector.fromArray(SPECIES, c, at).add(v).intoArray(c, at);
    }
}
