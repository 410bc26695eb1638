package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x where positive, else alpha (e^x - 1). */
public final class ELU extends Layer {
    private final double alpha;

    /** With PyTorch's default, 1.0. */
    public ELU() {
        this(1.0);
    }

    /** With the scale for negative x. */
    public ELU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.elu(x, alpha);
    }

    @Override
    protected String details() {
        return "alpha=" + number(alpha);
    }
}
