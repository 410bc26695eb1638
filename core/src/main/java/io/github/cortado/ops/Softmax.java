package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import java.util.List;

/** Softmax and its logarithm along a dimension. */
public final class Softmax {
    private Softmax() {}

    /** y_i = e^x_i / sum_j e^x_j. */
    public static Tensor softmax(Tensor x, int dim) {
        return apply("softmax", x, dim, false);
    }

    /** y_i = x_i - ln sum_j e^x_j. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        return apply("logSoftmax", x, dim, true);
    }

    private static Tensor apply(String op, Tensor x, int dim, boolean log) {
        Checks.floating(op, x);
        Axis axis = Max.axis(x.shape(), x.shape().axis(op, dim));
        Tensor y = new PendingSoftmax(x, axis, log).result();
        Tensor saved = y.detach();
        return Node.record(
                op,
                y,
                List.of(y),
                Edge.to(x, dy -> new PendingSoftmaxGradient(saved, dy, axis, log).result())
                        .differentiable(dy -> again(y, dy, x.shape().axis(op, dim), log)));
    }

    /** dx = y (dy - sum y dy), or dy - e^y sum dy of the logarithm y; recorded. */
    private static Tensor again(Tensor y, Tensor dy, int dim, boolean log) {
        return log
                ? dy.sub(y.exp().mul(dy.sum(true, dim)))
                : y.mul(dy.sub(y.mul(dy).sum(true, dim)));
    }
}
