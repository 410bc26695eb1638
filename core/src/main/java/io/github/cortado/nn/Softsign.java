package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x / (1 + |x|). */
public final class Softsign extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.softsign(x);
    }
}
