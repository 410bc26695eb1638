package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x, but 0 where it is small. */
public final class Hardshrink extends Layer {
    private final double lambda;

    /** With PyTorch's default. */
    public Hardshrink() {
        this(0.5);
    }

    /** With this number. */
    public Hardshrink(double lambda) {
        this.lambda = lambda;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.hardshrink(x, lambda);
    }

    @Override
    protected String details() {
        return number(lambda);
    }
}
