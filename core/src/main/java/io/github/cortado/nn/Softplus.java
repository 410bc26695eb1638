package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** ln(1 + e^x). */
public final class Softplus extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.softplus(x);
    }

    @Override
    protected String details() {
        return "beta=1.0, threshold=20.0";
    }
}
