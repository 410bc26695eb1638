package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** max(x, 0). */
public final class ReLU extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.relu(x);
    }
}
