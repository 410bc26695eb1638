package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x - tanh x. */
public final class Tanhshrink extends Layer {

    @Override
    public Tensor forward(Tensor x) {
        return Functional.tanhshrink(x);
    }
}
