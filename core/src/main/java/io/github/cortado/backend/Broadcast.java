package io.github.cortado.backend;

import io.github.cortado.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * How operands stretch to a common shape: element (i0, i1, ...) of the result is made of operand k
 * at sum i_d * strides[k][d]. Neighbouring dimensions that can be walked as one are merged, so that
 * the shape is as short as possible; none has one element.
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record Broadcast(int[] shape, int[][] strides) {

    /** The walk over operands of {@code shapes} giving a result of shape {@code y}. */
    public static Broadcast of(Shape y, List<Shape> shapes) {
        int rank = y.rank();
        int operands = shapes.size();
        int[][] from = new int[operands][];
        for (int k = 0; k < operands; k++) {
            from[k] = stretched(shapes.get(k), y);
        }
        return of(y.dims(), from);
    }

    /** The walk over operands that lie with these strides, giving a result of these sizes. */
    public static Broadcast of(int[] sizes, int[][] from) {
        int rank = sizes.length;
        int operands = from.length;
        int[] shape = new int[rank];
        int[][] strides = new int[operands][rank];
        int n = 0;
        for (int d = 0; d < rank; d++) {
            int size = sizes[d];
            if (size == 1) {
                continue;
            }
            boolean merges = n > 0;
            for (int k = 0; k < operands && merges; k++) {
                merges = strides[k][n - 1] == from[k][d] * size;
            }
            n = merges ? n : n + 1;
            shape[n - 1] = merges ? shape[n - 1] * size : size;
            for (int k = 0; k < operands; k++) {
                strides[k][n - 1] = from[k][d];
            }
        }
        int[][] cut = new int[operands][];
        for (int k = 0; k < operands; k++) {
            cut[k] = Arrays.copyOf(strides[k], n);
        }
        return new Broadcast(Arrays.copyOf(shape, n), cut);
    }

    /** The walk over operands that all have the result's {@code length} elements. */
    public static Broadcast elementwise(int operands, int length) {
        if (length == 1) {
            return new Broadcast(new int[0], new int[operands][0]);
        }
        int[][] strides = new int[operands][];
        Arrays.fill(strides, new int[] {1});
        return new Broadcast(new int[] {length}, strides);
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

    /** Whether all operands have the result's shape, so that all is one plain loop. */
    public boolean isElementwise() {
        if (shape.length > 1) {
            return false;
        }
        for (int[] s : strides) {
            if (shape.length == 1 && s[0] != 1) {
                return false;
            }
        }
        return true;
    }
}
