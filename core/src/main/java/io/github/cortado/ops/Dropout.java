package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.DropoutSpec;

/** Zeroes a random share of the elements and scales the others up. */
public final class Dropout {
    private Dropout() {}

    /** y = x / (1 - p) where the random stream keeps the element, else 0; dx the same of dy. */
    public static Tensor apply(Tensor x, DropoutSpec spec) {
        Checks.floating("dropout", x);
        if (!(spec.p() >= 0 && spec.p() <= 1)) {
            throw new IllegalArgumentException(
                    "dropout: probability " + spec.p() + " is not from 0 to 1");
        }
        Tensor y = run(x, spec);
        return Node.record("dropout", y, Edge.to(x, dy -> run(dy, spec)));
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
