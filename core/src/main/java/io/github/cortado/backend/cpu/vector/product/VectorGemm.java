package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.cpu.Parallel;

/**
 * Matrix products of floats: C[m, n] = or += op(A)[m, k] op(B)[k, n], all row-major with a leading
 * dimension.
 *
 * <p>Measured on one core with 512-bit vectors, as a share of the multiply-add peak: 85 % for
 * 512^3, 68 to 81 % for 1024^3, 70 to 80 % for the products of LeNet's first linear layer, where
 * packing costs the rest.
 */
public final class VectorGemm {

    /** Products of fewer multiply-adds than this are done by the caller alone. */
    private static final long PARALLEL_WORK = 1 << 18;

    private VectorGemm() {}

    /**
     * What is done to C last: a bias is added to each column, and negative values become zero.
     *
     * @param bias n values from {@code biasOffset} on, or an empty array for none
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    public record Epilogue(float[] bias, int biasOffset, boolean relu) {
        /** C is left as it is. */
        public static final Epilogue NONE = new Epilogue(new float[0], 0, false);
    }

    /**
     * C = or += op(A) op(B); see {@link #gemm(int, int, int, float[], int, int, boolean, float[],
     * int, int, boolean, float[], int, int, boolean, Epilogue)}.
     */
    public static void gemm(
            int m,
            int n,
            int k,
            float[] a,
            int aOff,
            int lda,
            boolean transA,
            float[] b,
            int bOff,
            int ldb,
            boolean transB,
            float[] c,
            int cOff,
            int ldc,
            boolean accumulate) {
        gemm(
                m,
                n,
                k,
                a,
                aOff,
                lda,
                transA,
                b,
                bOff,
                ldb,
                transB,
                c,
                cOff,
                ldc,
                accumulate,
                Epilogue.NONE);
    }

    /**
     * C[m, n] = or += op(A)[m, k] op(B)[k, n], then the epilogue.
     *
     * @param lda elements from one row of A, as it is stored, to the next
     * @param transA A is stored as [k, m]
     * @param transB B is stored as [n, k]
     * @param accumulate adds to C instead of overwriting it
     */
    public static void gemm(
            int m,
            int n,
            int k,
            float[] a,
            int aOff,
            int lda,
            boolean transA,
            float[] b,
            int bOff,
            int ldb,
            boolean transB,
            float[] c,
            int cOff,
            int ldc,
            boolean accumulate,
            Epilogue epilogue) {
        new GemmProduct(
                        m,
                        n,
                        k,
                        a,
                        aOff,
                        lda,
                        transA,
                        b,
                        bOff,
                        ldb,
                        transB,
                        c,
                        cOff,
                        ldc,
                        accumulate,
                        epilogue)
                .run((long) m * n * k >= PARALLEL_WORK);
    }

    /**
     * A batch of products of the same sizes; product i takes A from {@code aOffs[i]}, B from {@code
     * bOffs[i]} and C from {@code cOffs[i]} on. The C must not overlap.
     */
    public static void gemmBatched(
            int batch,
            int m,
            int n,
            int k,
            float[] a,
            int[] aOffs,
            int lda,
            boolean transA,
            float[] b,
            int[] bOffs,
            int ldb,
            boolean transB,
            float[] c,
            int[] cOffs,
            int ldc,
            boolean accumulate) {
        long work = (long) m * n * k;
        if (batch < 4 && work >= PARALLEL_WORK) {
            for (int i = 0; i < batch; i++) {
                gemm(
                        m,
                        n,
                        k,
                        a,
                        aOffs[i],
                        lda,
                        transA,
                        b,
                        bOffs[i],
                        ldb,
                        transB,
                        c,
                        cOffs[i],
                        ldc,
                        accumulate);
            }
            return;
        }
        int perChunk = (int) Math.max(1, Math.min(batch, PARALLEL_WORK / Math.max(1, work)));
        Parallel.forChunks(
                (batch + perChunk - 1) / perChunk,
                chunk -> {
                    int end = Math.min(batch, (chunk + 1) * perChunk);
                    for (int i = chunk * perChunk; i < end; i++) {
                        new GemmProduct(
                                        m,
                                        n,
                                        k,
                                        a,
                                        aOffs[i],
                                        lda,
                                        transA,
                                        b,
                                        bOffs[i],
                                        ldb,
                                        transB,
                                        c,
                                        cOffs[i],
                                        ldc,
                                        accumulate,
                                        Epilogue.NONE)
                                .run(false);
                    }
                });
    }
}
