package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/** Softmax over the channels of x [n, c, h, w] or [c, h, w]. */
public final class Softmax2d extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        int rank = x.shape().rank();
        if (rank != 3 && rank != 4) {
            throw new ShapeException(
                    "Softmax2d: expected [n, c, h, w] or [c, h, w], got " + x.shape());
        }
        return x.softmax(-3);
    }
}
