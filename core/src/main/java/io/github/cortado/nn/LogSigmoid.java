package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** ln sigmoid(x). */
public final class LogSigmoid extends Layer {
    @Override
    public Tensor forward(Tensor x) {
        return Functional.logSigmoid(x);
    }
}
