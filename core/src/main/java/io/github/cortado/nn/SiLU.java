package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x sigmoid(x). */
public final class SiLU extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.silu(x);
    }
}
