package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.DropoutSpec;
import java.util.List;
import java.util.Set;

/** Zeroes a random share of the elements and scales the others up. */
public final class Dropout {
    private static final Set<String> RELUS =
            Set.of("relu", "linearRelu", "conv2dRelu", "reluMaxPool2d", "conv2dReluMaxPool2d");

    private Dropout() {}

    /** y = x / (1 - p) where the random stream keeps the element, else 0; dx the same of dy. */
    public static Tensor apply(Tensor x, DropoutSpec spec) {
        Checks.floating("dropout", x);
        if (!(spec.p() >= 0 && spec.p() <= 1)) {
            throw new IllegalArgumentException(
                    "dropout: probability " + spec.p() + " is not from 0 to 1");
        }
        Tensor y = run(x, spec);
        if (spec.p() < 1 && comesFromRelu(x)) {
            return Node.record(
                    "dropout", y, List.of(y), Edge.to(x, dy -> gradAfterRelu(y, dy, spec.p())));
        }
        return Node.record("dropout", y, Edge.to(x, dy -> run(dy, spec)));
    }

    /** Whether x is nowhere below 0, and no gradient at 0 goes beyond the operation it is from. */
    private static boolean comesFromRelu(Tensor x) {
        Node maker = x.node();
        return maker != null && RELUS.contains(maker.op());
    }

    private static Tensor gradAfterRelu(Tensor y, Tensor dy, double p) {
        Tensor dx = y.empty(y.shape());
        y.device().backend().dropoutOfReluGrad(y.buffer(), dy.buffer(), dx.buffer(), p);
        return dx;
    }

    private static Tensor run(Tensor x, DropoutSpec spec) {
        Backend backend = x.device().backend();
        if (spec.p() == 1) {
            return x.sibling(x.shape());
        }
        Tensor y = x.empty(x.shape());
        backend.dropout(x.buffer(), y.buffer(), spec);
        return y;
    }
}
