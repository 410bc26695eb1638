package io.github.cortado;

import java.util.Arrays;
import java.util.Locale;

/** The sizes of a tensor's dimensions, outermost first; immutable. A scalar has no dimension. */
public final class Shape {
    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        this.dims = dims;
        long product = 1;
        for (int d : dims) {
            if (d < 0) {
                throw new ShapeException("shape " + Arrays.toString(dims) + " has a negative size");
            }
            product *= d;
            if (product > Integer.MAX_VALUE - 64) {
                throw new ShapeException(
                        "shape " + Arrays.toString(dims) + " has more than 2^31 - 65 elements");
            }
        }
        this.size = (int) product;
    }

    /**
     * A shape with these sizes.
     *
     * @throws ShapeException if a size is negative or the number of elements does not fit an array
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Number of elements: the product of all sizes, 1 for a scalar. */
    public int size() {
        return size;
    }

    /**
     * Size of one dimension; negative numbers count from the end.
     *
     * @throws ShapeException if there is no such dimension
     */
    public int dim(int i) {
        return dims[axis("dim", i)];
    }

    /** A copy of all sizes. */
    public int[] dims() {
        return dims.clone();
    }

    /**
     * Turns a dimension number that may be negative into one from 0 to rank - 1.
     *
     * @throws ShapeException naming {@code op} if it is outside -rank .. rank - 1
     */
    public int axis(String op, int i) {
        int axis = i < 0 ? i + dims.length : i;
        if (axis < 0 || axis >= dims.length) {
            throw new ShapeException(
                    op + ": dimension " + i + " does not exist in a tensor of shape " + this);
        }
        return axis;
    }

    /** Product of the sizes from dimension {@code from} (inclusive) to {@code to} (exclusive). */
    public int product(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /** This shape with the size of dimension {@code axis} replaced. */
    public Shape with(int axis, int size) {
        int[] copy = dims.clone();
        copy[axis] = size;
        return new Shape(copy);
    }

    /** This shape without dimension {@code axis}. */
    public Shape without(int axis) {
        int[] rest = new int[dims.length - 1];
        System.arraycopy(dims, 0, rest, 0, axis);
        System.arraycopy(dims, axis + 1, rest, axis, rest.length - axis);
        return new Shape(rest);
    }

    /** Row-major strides in elements: the last dimension has stride 1. */
    public int[] strides() {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }

    /**
     * The common shape of two broadcast operands: sizes are aligned at the last dimension, and a
     * size of 1 stretches to the other's.
     *
     * @throws ShapeException naming {@code op} and both shapes if sizes differ and none is 1
     */
    public static Shape broadcast(String op, Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        int[] dims = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.dims[a.rank() - i] : 1;
            int db = i <= b.rank() ? b.dims[b.rank() - i] : 1;
            if (da != db && da != 1 && db != 1) {
                throw new ShapeException(
                        String.format(
                                Locale.ROOT,
                                "%s: shapes %s and %s do not broadcast: sizes %d and %d at"
                                        + " dimension -%d differ and neither is 1",
                                op,
                                a,
                                b,
                                da,
                                db,
                                i));
            }
            dims[rank - i] = da == 1 ? db : da;
        }
        return new Shape(dims);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The sizes as PyTorch prints them: {@code [64, 3, 32, 32]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
