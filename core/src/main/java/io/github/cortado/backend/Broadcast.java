package io.github.cortado.backend;

import io.github.cortado.Shape;
import java.util.Arrays;

/**
 * How two operands stretch to a common shape: element (i0, i1, ...) of the result is made of a at
 * sum i_d * aStrides_d and b at sum i_d * bStrides_d. Neighbouring dimensions that can be walked as
 * one are merged, so that the shape is as short as possible.
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record Broadcast(int[] shape, int[] aStrides, int[] bStrides) {

    /**
     * The walk over operands of shapes {@code a} and {@code b} giving a result of shape {@code y}.
     */
    public static Broadcast of(Shape a, Shape b, Shape y) {
        int rank = y.rank();
        int[] shape = new int[rank];
        int[] as = new int[rank];
        int[] bs = new int[rank];
        int[] ya = stretched(a, y);
        int[] yb = stretched(b, y);
        int n = 0;
        for (int d = 0; d < rank; d++) {
            int size = y.dim(d);
            if (size == 1) {
                continue;
            }
            if (n > 0 && as[n - 1] == ya[d] * size && bs[n - 1] == yb[d] * size) {
                shape[n - 1] *= size;
                as[n - 1] = ya[d];
                bs[n - 1] = yb[d];
            } else {
                shape[n] = size;
                as[n] = ya[d];
                bs[n] = yb[d];
                n++;
            }
        }
        return new Broadcast(Arrays.copyOf(shape, n), Arrays.copyOf(as, n), Arrays.copyOf(bs, n));
    }

    /** Strides with which a contiguous tensor of shape {@code x} is read as shape {@code y}. */
    public static int[] stretched(Shape x, Shape y) {
        int[] own = x.strides();
        int[] strides = new int[y.rank()];
        int shift = y.rank() - x.rank();
        for (int d = shift; d < y.rank(); d++) {
            strides[d] = x.dim(d - shift) == 1 ? 0 : own[d - shift];
        }
        return strides;
    }

    /** Whether both operands have the result's shape, so that all is one plain loop. */
    public boolean isElementwise() {
        return shape.length == 0 || (shape.length == 1 && aStrides[0] == 1 && bStrides[0] == 1);
    }
}
