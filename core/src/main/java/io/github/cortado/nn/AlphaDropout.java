package io.github.cortado.nn;

import io.github.cortado.Tensor;

/**
 * In training {@link Functional#alphaDropout}, for networks of {@link SELU}; in evaluation, the
 * identity.
 */
public final class AlphaDropout extends Layer {
    private final double p;
    private final Draws draws = draws();

    /**
     * With probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public AlphaDropout(double p) {
        this.p = Dropout.probability("AlphaDropout: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        return isTraining() ? Functional.alphaDropout(x, p, draws) : x;
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
