package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x where positive, else negativeSlope x. */
public final class LeakyReLU extends Layer {
    private final double negativeSlope;

    /** With PyTorch's default, 0.01. */
    public LeakyReLU() {
        this(0.01);
    }

    /** With the slope for negative x. */
    public LeakyReLU(double negativeSlope) {
        this.negativeSlope = negativeSlope;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.leakyRelu(x, negativeSlope);
    }

    @Override
    protected String details() {
        return "negative_slope=" + number(negativeSlope);
    }
}
