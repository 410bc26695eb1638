package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x Phi(x), exact. */
public final class GELU extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.gelu(x);
    }

    @Override
    protected String details() {
        return "approximate='none'";
    }
}
