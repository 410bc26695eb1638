package io.github.cortado.backend;

/**
 * Sizes of a batch of row-major matrix products y_i = op(a_i) op(b_i): op(a) is [m, k], op(b) [k,
 * n], y [m, n]. Matrix i of a starts at element aOffsets[i], of b at bOffsets[i], of y at i m n.
 *
 * @param transA a is stored as [k, m]
 * @param transB b is stored as [n, k]
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record MatmulSpec(
        int m, int n, int k, boolean transA, boolean transB, int[] aOffsets, int[] bOffsets) {
    private static final int[] FIRST = {0};

    /** One product of two matrices that start at the beginning of their buffers. */
    public static MatmulSpec single(int m, int n, int k, boolean transA, boolean transB) {
        return new MatmulSpec(m, n, k, transA, transB, FIRST, FIRST);
    }

    /** Number of products. */
    public int batch() {
        return aOffsets.length;
    }
}
