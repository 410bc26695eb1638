package io.github.cortado.backend;

/**
 * A strided region of a buffer: element (i0, i1, ...) of {@code shape} lies at {@code offset} + sum
 * of i_d * strides_d. A stride of 0 repeats.
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record Strided(int[] shape, int[] strides, int offset) {
    /** Number of elements. */
    public int size() {
        int size = 1;
        for (int d : shape) {
            size *= d;
        }
        return size;
    }
}
