package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x where positive, else a trained slope times x (He et al., arXiv 1502.01852). */
public final class PReLU extends Layer {
    private final Tensor weight;

    /** One slope for all channels, 0.25 at first. */
    public PReLU() {
        this(1, 0.25);
    }

    /** One slope for all, or one for each channel. */
    public PReLU(int numParameters, double init) {
        weight = parameter("weight", Tensor.full(init, numParameters));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.prelu(x, weight);
    }

    @Override
    protected String details() {
        return "num_parameters=" + weight.size();
    }
}
