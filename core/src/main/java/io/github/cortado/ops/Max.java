package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;

/** Largest values along a dimension; the gradient goes to the first of equals. */
public final class Max {
    private Max() {}

    /** y = max over dim of x. */
    public static Tensor.Maxima apply(Tensor x, int dim, boolean keepDim) {
        int d = axis("max", x, dim);
        Axis axis = axis(x.shape(), d);
        Shape shape = keepDim ? x.shape().with(d, 1) : x.shape().without(d);
        Tensor y = x.empty(shape);
        Tensor index = Tensor.zeros(x.device(), DType.INT64, shape);
        x.device().backend().max(x.buffer(), y.buffer(), index.buffer(), axis);
        Node.record(
                "max",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
                            dy.device()
                                    .backend()
                                    .maxGrad(dy.buffer(), index.buffer(), dx.buffer(), axis);
                            return dx;
                        }));
        return new Tensor.Maxima(y, index);
    }

    /** The number of a dimension, of which {@code op} can find the largest element. */
    static int axis(String op, Tensor x, int dim) {
        Checks.floating(op, x);
        int d = x.shape().axis(op, dim);
        Checks.require(x.dim(d) > 0, "%s: dimension %d of %s is empty", op, dim, x.shape());
        return d;
    }

    static Axis axis(Shape shape, int d) {
        return new Axis(shape.product(0, d), shape.dim(d), shape.product(d + 1, shape.rank()));
    }
}
