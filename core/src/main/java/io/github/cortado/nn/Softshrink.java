package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x, moved towards 0. */
public final class Softshrink extends Layer {
    private final double lambda;

    /** With PyTorch's default. */
    public Softshrink() {
        this(0.5);
    }

    /** With this number. */
    public Softshrink(double lambda) {
        this.lambda = lambda;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.softshrink(x, lambda);
    }

    @Override
    protected String details() {
        return number(lambda);
    }
}
