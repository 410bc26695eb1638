package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;

/** What goes along a dimension from one element to the next: sorting, sums and products so far. */
public final class Order {
    private Order() {}

    /** Lines by size, and where each element was; dx[index[k]] = dy[k]. */
    public static Tensor.Sorted sort(Tensor x, int dim, boolean descending) {
        int d = x.shape().axis("sort", dim);
        return first("sort", x, d, x.dim(d), descending);
    }

    private static Tensor.Sorted first(String op, Tensor x, int d, int k, boolean descending) {
        Checks.floating(op, x);
        Axis axis = Max.axis(x.shape(), d);
        Shape shape = x.shape().with(d, k);
        Tensor y = x.empty(shape);
        Tensor index = Internals.empty(x.device(), DType.INT64, shape);
        x.device().backend().sort(x.buffer(), y.buffer(), index.buffer(), axis, descending);
        Node.record(op, y, Take.toTaken(x, index, axis));
        return new Tensor.Sorted(y, index);
    }

    /** The k largest or smallest elements along a dimension, the outermost one first. */
    public static Tensor.Sorted topk(Tensor x, int k, int dim, boolean largest) {
        int d = x.shape().axis("topk", dim);
        Checks.require(
                k >= 0 && k <= x.dim(d),
                "topk: %s elements are not in dimension %s of %s",
                k,
                dim,
                x.shape());
        return first("topk", x, d, k, largest);
    }

    /** y_i = x_0 + ... + x_i along a dimension; dx_i = dy_i + ... + dy_(n-1). */
    public static Tensor cumsum(Tensor x, int dim) {
        Checks.floating("cumsum", x);
        Axis axis = Max.axis(x.shape(), x.shape().axis("cumsum", dim));
        return recorded(x, axis, false);
    }

    private static Tensor recorded(Tensor x, Axis axis, boolean fromEnd) {
        return Node.record(
                "cumsum",
                sums(x, x.empty(x.shape()), axis, fromEnd),
                Edge.to(x, dy -> sums(dy, Internals.newGrad(x), axis, !fromEnd))
                        .differentiable(dy -> recorded(dy, axis, !fromEnd)));
    }

    private static Tensor sums(Tensor x, Tensor y, Axis axis, boolean fromEnd) {
        Buffer to = y.buffer();
        y.device().backend().cumulativeSum(x.buffer(), to, axis, fromEnd);
        return y;
    }

    /** The product of all elements along a dimension, 1 of none. */
    public static Tensor prod(Tensor x, int dim, boolean keepDim) {
        Checks.floating("prod", x);
        int d = x.shape().axis("prod", dim);
        if (x.dim(d) == 0) {
            return x.sum(keepDim, d).add(1);
        }
        Tensor product = Product.along(x, d);
        return keepDim ? product : product.squeeze(d);
    }
}
