package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Hyperbolic tangent. */
public final class Tanh extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.tanh(x);
    }
}
