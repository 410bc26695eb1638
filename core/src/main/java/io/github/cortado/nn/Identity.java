package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x itself. */
public final class Identity extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return x;
    }
}
