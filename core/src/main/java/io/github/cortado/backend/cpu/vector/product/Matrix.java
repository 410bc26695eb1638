package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.cpu.HostBuffer;

/**
 * A row-major matrix as BLAS names its parts.
 *
 * @param offset its first element
 * @param ld leading dimension: elements from one row, as it is stored, to the next
 * @param transposed its rows are stored as columns
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
public record Matrix(float[] array, int offset, int ld, boolean transposed) {
    /** The matrix of {@code columns} columns that begins at element {@code first} of x. */
    static Matrix of(HostBuffer.Floats x, int first, int columns) {
        return new Matrix(x.array(), x.offset() + first, columns, false);
    }

    /** The same, where x has the {@code rows} rows of the matrix as columns. */
    static Matrix transposed(HostBuffer.Floats x, int first, int rows) {
        return new Matrix(x.array(), x.offset() + first, rows, true);
    }
}
