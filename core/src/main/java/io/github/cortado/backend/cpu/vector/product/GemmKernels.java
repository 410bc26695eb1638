package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.vector.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of {@link Gemm}: a register tile of 8 rows by 2 vectors, fed from packed panels.
 *
 * <p>A panel of op(A) holds, for each k, 8 values of one column; a panel of op(B) holds, for each
 * k, two vectors of one row. Each step of k is then 2 vector loads, 8 broadcasts and 16 fused
 * multiply-adds into 16 accumulators, which hide the latency of 4 cycles and leave room in 32
 * registers. Where registers are 16 the tile is twice 4 rows by 2 vectors, two steps at a time: C2
 * needs some registers for itself, and of the 12 accumulators that would fit it keeps some in
 * memory (4 x 3: 42 % of the multiply-add peak, 6 x 2: 75 % on JDK 17 and 42 % on 25; this tile 93
 * and 90 %, measured on first-level data; 8 x 2 with 512 bits 98 %). Four rows of A are also few
 * enough to be read where they lie, an address register for each, but that is 48 instructions for
 * 16 multiply-adds and not 39: as fast where a core is alone, 0.8 of it where a neighbour has half
 * of the core's instructions.
 *
 * <p>Each accumulator is cast to {@link Lanes#TYPE} before it is stored, in the loop's own method:
 * JDK 17 loses the class of a vector that lives through a loop, and then makes an object of it. A
 * sum with a vector made from the species tells the class as well, but C2 inlines vector operations
 * only up to a limit on the size of a method; kernels of some ninety operations lie at that limit,
 * and beyond it, in one process of two or three, up to 18 of 24 stores made an object each, for
 * good (-XX:+PrintInlining shows them as "failed to inline"). LeNet trained a third slower there.
 */
public final class GemmKernels {
    /** Rows of a register tile. */
    public static final int MR = 8;

    /** Columns of a register tile. */
    public static final int NR = 2 * VL;

    /** Whether op(A) need not be in panels where its rows are those of an array. */
    public static final boolean READS_ROWS = !MANY_REGISTERS;

    private GemmKernels() {}

    /**
     * C[8, NR] += the product of a panel of A and a panel of B, each {@code k} deep; {@code narrow}
     * leaves all but the first vector of columns alone.
     */
    public static void tile(
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

    /**
     * C[8, NR] += the product of 8 rows of A as they lie, {@code lda} apart, and a panel of B. For
     * {@link #READS_ROWS} only.
     */
    public static void rows(
            int k,
            float[] a,
            int aOff,
            int lda,
            float[] b,
            int bOff,
            float[] c,
            int cOff,
            int ldc) {
        rows4x2(k, a, aOff, lda, b, bOff, c, cOff, ldc);
        rows4x2(k, a, aOff + 4 * lda, lda, b, bOff, c, cOff + 4 * ldc, ldc);
    }

    private static void tile8x2(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOff);
        FloatVector c01 = FloatVector.fromArray(SPECIES, c, cOff + VL);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOff + ldc);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, cOff + ldc + VL);
        FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc);
        FloatVector c21 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc + VL);
        FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc);
        FloatVector c31 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc + VL);
        FloatVector c40 = FloatVector.fromArray(SPECIES, c, cOff + 4 * ldc);
        FloatVector c41 = FloatVector.fromArray(SPECIES, c, cOff + 4 * ldc + VL);
        FloatVector c50 = FloatVector.fromArray(SPECIES, c, cOff + 5 * ldc);
        FloatVector c51 = FloatVector.fromArray(SPECIES, c, cOff + 5 * ldc + VL);
        FloatVector c60 = FloatVector.fromArray(SPECIES, c, cOff + 6 * ldc);
        FloatVector c61 = FloatVector.fromArray(SPECIES, c, cOff + 6 * ldc + VL);
        FloatVector c70 = FloatVector.fromArray(SPECIES, c, cOff + 7 * ldc);
        FloatVector c71 = FloatVector.fromArray(SPECIES, c, cOff + 7 * ldc + VL);
        for (int i = 0; i < k; i++) {
            int ai = aOff + i * MR;
            int bi = bOff + i * NR;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bi + VL);
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
        int at = cOff;
        TYPE.cast(c00).intoArray(c, at);
        TYPE.cast(c01).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c10).intoArray(c, at);
        TYPE.cast(c11).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c20).intoArray(c, at);
        TYPE.cast(c21).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c30).intoArray(c, at);
        TYPE.cast(c31).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c40).intoArray(c, at);
        TYPE.cast(c41).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c50).intoArray(c, at);
        TYPE.cast(c51).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c60).intoArray(c, at);
        TYPE.cast(c61).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c70).intoArray(c, at);
        TYPE.cast(c71).intoArray(c, at + VL);
    }

    private static void tile4x2(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOff);
        FloatVector c01 = FloatVector.fromArray(SPECIES, c, cOff + VL);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOff + ldc);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, cOff + ldc + VL);
        FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc);
        FloatVector c21 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc + VL);
        FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc);
        FloatVector c31 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc + VL);
        FloatVector ar;
        // Outside of the loop, so that C2 asks there whether b is long enough, once for all steps.
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOff);
        FloatVector b1;
        int ai = aOff;
        int end = bOff + (k & ~1) * NR;
        for (int bi = bOff; bi < end; bi += 2 * NR) {
            b0 = FloatVector.fromArray(SPECIES, b, bi);
            b1 = FloatVector.fromArray(SPECIES, b, bi + VL);
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
            b0 = FloatVector.fromArray(SPECIES, b, bi + 2 * VL);
            b1 = FloatVector.fromArray(SPECIES, b, bi + 3 * VL);
            ar = FloatVector.broadcast(SPECIES, a[ai + MR]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[ai + MR + 1]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[ai + MR + 2]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[ai + MR + 3]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
            ai += 2 * MR;
        }
        if (k % 2 > 0) {
            b0 = FloatVector.fromArray(SPECIES, b, end);
            b1 = FloatVector.fromArray(SPECIES, b, end + VL);
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
        int at = cOff;
        TYPE.cast(c00).intoArray(c, at);
        TYPE.cast(c01).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c10).intoArray(c, at);
        TYPE.cast(c11).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c20).intoArray(c, at);
        TYPE.cast(c21).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c30).intoArray(c, at);
        TYPE.cast(c31).intoArray(c, at + VL);
    }

    private static void rows4x2(
            int k, float[] a, int a0, int lda, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOff);
        FloatVector c01 = FloatVector.fromArray(SPECIES, c, cOff + VL);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOff + ldc);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, cOff + ldc + VL);
        FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc);
        FloatVector c21 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc + VL);
        FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc);
        FloatVector c31 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc + VL);
        FloatVector ar;
        // As in tile4x2.
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOff);
        FloatVector b1;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int bi = bOff;
        int even = k & ~1;
        for (int i = 0; i < even; i += 2) {
            b0 = FloatVector.fromArray(SPECIES, b, bi);
            b1 = FloatVector.fromArray(SPECIES, b, bi + VL);
            ar = FloatVector.broadcast(SPECIES, a[a0 + i]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[a1 + i]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[a2 + i]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[a3 + i]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
            b0 = FloatVector.fromArray(SPECIES, b, bi + 2 * VL);
            b1 = FloatVector.fromArray(SPECIES, b, bi + 3 * VL);
            ar = FloatVector.broadcast(SPECIES, a[a0 + i + 1]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[a1 + i + 1]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[a2 + i + 1]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[a3 + i + 1]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
            bi += 2 * NR;
        }
        if (even < k) {
            b0 = FloatVector.fromArray(SPECIES, b, bi);
            b1 = FloatVector.fromArray(SPECIES, b, bi + VL);
            ar = FloatVector.broadcast(SPECIES, a[a0 + even]);
            c00 = ar.fma(b0, c00);
            c01 = ar.fma(b1, c01);
            ar = FloatVector.broadcast(SPECIES, a[a1 + even]);
            c10 = ar.fma(b0, c10);
            c11 = ar.fma(b1, c11);
            ar = FloatVector.broadcast(SPECIES, a[a2 + even]);
            c20 = ar.fma(b0, c20);
            c21 = ar.fma(b1, c21);
            ar = FloatVector.broadcast(SPECIES, a[a3 + even]);
            c30 = ar.fma(b0, c30);
            c31 = ar.fma(b1, c31);
        }
        int at = cOff;
        TYPE.cast(c00).intoArray(c, at);
        TYPE.cast(c01).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c10).intoArray(c, at);
        TYPE.cast(c11).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c20).intoArray(c, at);
        TYPE.cast(c21).intoArray(c, at + VL);
        at += ldc;
        TYPE.cast(c30).intoArray(c, at);
        TYPE.cast(c31).intoArray(c, at + VL);
    }

    private static void tile8x1(
            int k, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, c, cOff);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, cOff + ldc);
        FloatVector c20 = FloatVector.fromArray(SPECIES, c, cOff + 2 * ldc);
        FloatVector c30 = FloatVector.fromArray(SPECIES, c, cOff + 3 * ldc);
        FloatVector c40 = FloatVector.fromArray(SPECIES, c, cOff + 4 * ldc);
        FloatVector c50 = FloatVector.fromArray(SPECIES, c, cOff + 5 * ldc);
        FloatVector c60 = FloatVector.fromArray(SPECIES, c, cOff + 6 * ldc);
        FloatVector c70 = FloatVector.fromArray(SPECIES, c, cOff + 7 * ldc);
        for (int i = 0; i < k; i++) {
            int ai = aOff + i * MR;
            int bi = bOff + i * NR;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            c00 = FloatVector.broadcast(SPECIES, a[ai]).fma(b0, c00);
            c10 = FloatVector.broadcast(SPECIES, a[ai + 1]).fma(b0, c10);
            c20 = FloatVector.broadcast(SPECIES, a[ai + 2]).fma(b0, c20);
            c30 = FloatVector.broadcast(SPECIES, a[ai + 3]).fma(b0, c30);
            c40 = FloatVector.broadcast(SPECIES, a[ai + 4]).fma(b0, c40);
            c50 = FloatVector.broadcast(SPECIES, a[ai + 5]).fma(b0, c50);
            c60 = FloatVector.broadcast(SPECIES, a[ai + 6]).fma(b0, c60);
            c70 = FloatVector.broadcast(SPECIES, a[ai + 7]).fma(b0, c70);
        }
        int at = cOff;
        TYPE.cast(c00).intoArray(c, at);
        at += ldc;
        TYPE.cast(c10).intoArray(c, at);
        at += ldc;
        TYPE.cast(c20).intoArray(c, at);
        at += ldc;
        TYPE.cast(c30).intoArray(c, at);
        at += ldc;
        TYPE.cast(c40).intoArray(c, at);
        at += ldc;
        TYPE.cast(c50).intoArray(c, at);
        at += ldc;
        TYPE.cast(c60).intoArray(c, at);
        at += ldc;
        TYPE.cast(c70).intoArray(c, at);
    }
}
