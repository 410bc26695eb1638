package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Everything after the batch dimension as one dimension. */
public final class Flatten extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return x.flatten(1);
    }

    @Override
    protected String details() {
        return "start_dim=1, end_dim=-1";
    }
}
