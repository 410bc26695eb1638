package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x where positive, else alpha (e^(x / alpha) - 1). */
public final class CELU extends Layer {
    private final double alpha;

    /** With PyTorch's default. */
    public CELU() {
        this(1);
    }

    /** With this number. */
    public CELU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.celu(x, alpha);
    }

    @Override
    protected String details() {
        return "alpha=" + number(alpha);
    }
}
