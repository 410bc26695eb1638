package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** 1 / (1 + e^-x). */
public final class Sigmoid extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.sigmoid(x);
    }
}
