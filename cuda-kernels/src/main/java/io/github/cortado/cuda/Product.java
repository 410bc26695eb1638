package io.github.cortado.cuda;

/**
 * A batch of row-major matrix products y_i = op(a_i) op(b_i), op(a) [m, k], op(b) [k, n], whose
 * matrices are evenly spaced.
 *
 * @param aStride elements from a_i to a_i+1, 0 for one that all share
 * @param bStride likewise
 */
record Product(
        int m, int n, int k, boolean transA, boolean transB, int batch, int aStride, int bStride) {}
