package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x tanh(ln(1 + e^x)). */
public final class Mish extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.mish(x);
    }
}
