package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import java.util.List;

/** Softmax and its logarithm along a dimension. */
public final class Softmax {
    private Softmax() {}

    /** y_i = e^x_i / sum_j e^x_j. */
    public static Tensor softmax(Tensor x, int dim) {
        Checks.floating("softmax", x);
        Axis axis = Max.axis(x.shape(), x.shape().axis("softmax", dim));
        Backend backend = x.device().backend();
        Tensor y = x.empty(x.shape());
        backend.softmax(x.buffer(), y.buffer(), axis);
        var saved = y.buffer();
        return Node.record(
                "softmax",
                y,
                List.of(y),
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = dy.empty(dy.shape());
                            backend.softmaxGrad(saved, dy.buffer(), dx.buffer(), axis);
                            return dx;
                        }));
    }

    /** y_i = x_i - ln sum_j e^x_j. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        Checks.floating("logSoftmax", x);
        Axis axis = Max.axis(x.shape(), x.shape().axis("logSoftmax", dim));
        Backend backend = x.device().backend();
        Tensor y = x.empty(x.shape());
        backend.logSoftmax(x.buffer(), y.buffer(), axis);
        var saved = y.buffer();
        return Node.record(
                "logSoftmax",
                y,
                List.of(y),
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = dy.empty(dy.shape());
                            backend.logSoftmaxGrad(saved, dy.buffer(), dx.buffer(), axis);
                            return dx;
                        }));
    }
}
