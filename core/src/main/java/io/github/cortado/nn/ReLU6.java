package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** min(max(x, 0), 6). */
public final class ReLU6 extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.relu6(x);
    }
}
