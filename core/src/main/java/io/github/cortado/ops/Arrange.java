package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formulas;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Elements in another order, repeated, cut off, or with others around them. */
public final class Arrange {
    private Arrange() {}

    /** Dimensions in the opposite direction. */
    public static Tensor flip(Tensor x, int... dims) {
        Reduce.mark("flip", x.shape(), dims);
        Tensor y = x;
        for (int dim : dims) {
            int n = x.dim(x.shape().axis("flip", dim));
            y = picked(y, dim, List.of("flip", n), n, i -> n - 1 - i);
        }
        return y;
    }

    /** Elements moved along a dimension, those that leave it at one end come in at the other. */
    public static Tensor roll(Tensor x, int shift, int dim) {
        int n = x.dim(x.shape().axis("roll", dim));
        if (n == 0) {
            return x;
        }
        int by = Math.floorMod(shift, n);
        return picked(x, dim, List.of("roll", n, by), n, i -> Math.floorMod(i - by, n));
    }

    private static Tensor picked(
            Tensor x, int dim, List<Object> what, int n, IntUnaryOperator from) {
        Tensor index =
                Constants.index(
                        x.device(),
                        what,
                        () -> {
                            long[] numbers = new long[n];
                            Arrays.setAll(numbers, from::applyAsInt);
                            return numbers;
                        });
        return x.indexSelect(dim, index);
    }

    /** x so many times along each dimension; there may be more of them than x has. */
    public static Tensor repeat(Tensor x, int... times) {
        int rank = x.shape().rank();
        Checks.require(
                times.length >= rank && Arrays.stream(times).allMatch(t -> t >= 0),
                "repeat: expected a number of times from 0 up for each dimension of %s, got %s",
                x.shape(),
                Arrays.toString(times));
        int[] apart = new int[2 * times.length];
        int[] wide = new int[2 * times.length];
        int[] sizes = new int[times.length];
        for (int d = 0; d < times.length; d++) {
            int own = d - (times.length - rank);
            int n = own < 0 ? 1 : x.dim(own);
            apart[2 * d] = 1;
            apart[2 * d + 1] = n;
            wide[2 * d] = times[d];
            wide[2 * d + 1] = n;
            sizes[d] = Checks.size("repeat", (long) times[d] * n);
        }
        return Layout.expand(x.reshape(apart), Shape.of(wide)).reshape(sizes);
    }

    /** The lower triangle of [..., r, c], up to the given diagonal; 0 above it. */
    public static Tensor tril(Tensor x, int diagonal) {
        return triangle("tril", x, diagonal, true);
    }

    /** The upper triangle of [..., r, c], from the given diagonal on; 0 below it. */
    public static Tensor triu(Tensor x, int diagonal) {
        return triangle("triu", x, diagonal, false);
    }

    private static Tensor triangle(String op, Tensor x, int diagonal, boolean lower) {
        Checks.floating(op, x);
        Checks.require(x.shape().rank() >= 2, "%s: expects [..., r, c], got %s", op, x.shape());
        int rows = x.dim(-2);
        int columns = x.dim(-1);
        Tensor mask =
                Constants.of(
                        x.device(),
                        x.dtype(),
                        List.of("triangle", rows, columns, diagonal, lower),
                        () ->
                                lower
                                        ? triangle(rows, columns, diagonal, 1, 0)
                                        : triangle(rows, columns, diagonal - 1L, 0, 1));
        return where(mask, x, x.sibling(Shape.of()));
    }

    /** A matrix of {@code inside} up to a diagonal, and {@code outside} above it. */
    static Tensor triangle(int rows, int columns, long diagonal, float inside, float outside) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            int end = (int) Math.min(Math.max(i + diagonal + 1, 0), columns);
            Arrays.fill(values, i * columns, i * columns + end, inside);
            Arrays.fill(values, i * columns + end, (i + 1) * columns, outside);
        }
        return Tensor.of(values, rows, columns);
    }

    /** a where the condition is above 0, else b, with broadcasting. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Pointwise.apply(
                Formulas.WHERE, List.of(condition.detach(), a, b), List.of(), List.of());
    }

    /** x, and so many elements of {@code value} before and after it in every dimension. */
    public static Tensor pad(Tensor x, int[] before, int[] after, double value) {
        int rank = x.shape().rank();
        int[] sizes = x.shape().dims();
        for (int d = 0; d < rank; d++) {
            Checks.require(
                    before[d] >= 0 && after[d] >= 0,
                    "pad: expected numbers from 0 up, got %s and %s for dimension %s",
                    before[d],
                    after[d],
                    d);
            sizes[d] = Math.addExact(sizes[d], Math.addExact(before[d], after[d]));
        }
        Tensor y = x.empty(Shape.of(sizes));
        y.device().backend().fill(y.buffer(), value);
        int[] strides = y.shape().strides();
        int offset = 0;
        for (int d = 0; d < rank; d++) {
            offset += before[d] * strides[d];
        }
        Strided region = new Strided(x.shape().dims(), strides, offset);
        x.device().backend().scatter(x.buffer(), y.buffer(), region);
        return Node.record(
                "pad",
                y,
                Edge.to(
                                x,
                                dy -> {
                                    Tensor dx = Internals.newGrad(x);
                                    dx.device().backend().gather(dy.buffer(), dx.buffer(), region);
                                    return dx;
                                })
                        .differentiable(dy -> inner(dy, before, x.shape())));
    }

    /** The part of that shape behind {@code before}; recorded. */
    private static Tensor inner(Tensor x, int[] before, Shape shape) {
        Tensor y = x;
        for (int d = 0; d < before.length; d++) {
            y = y.dim(d) == shape.dim(d) ? y : Layout.narrow(y, d, before[d], shape.dim(d));
        }
        return y;
    }

    /** Which of a dimension's own elements are put before and after it. */
    public enum Border {
        /** Mirrored at the outermost ones. */
        REFLECT,
        /** The outermost ones again. */
        REPLICATE,
        /** Those of the other end. */
        CIRCULAR;

        /** Most elements that there are of n. */
        private int most(int n) {
            return switch (this) {
                case REFLECT -> n - 1;
                case REPLICATE -> Integer.MAX_VALUE;
                case CIRCULAR -> n;
            };
        }

        /** Which of n elements stands at a place that may lie outside. */
        private int element(int at, int n) {
            return switch (this) {
                case REFLECT -> Math.abs(at) < n ? Math.abs(at) : 2 * (n - 1) - at;
                case REPLICATE -> Math.min(Math.max(at, 0), n - 1);
                case CIRCULAR -> Math.floorMod(at, n);
            };
        }
    }

    /** x, and before and after a dimension its own elements. */
    public static Tensor padWithOwn(Tensor x, int dim, int before, int after, Border border) {
        int n = x.dim(x.shape().axis("pad", dim));
        int most = border.most(n);
        Checks.require(
                before >= 0 && after >= 0 && n > 0 && before <= most && after <= most,
                "pad: %s and %s elements do not fit dimension %s of %s",
                before,
                after,
                dim,
                x.shape());
        return picked(
                x,
                dim,
                List.of("pad", before, n, after, border),
                before + n + after,
                i -> border.element(i - before, n));
    }
}
