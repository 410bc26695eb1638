package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** {@link AlphaDropout} of whole channels of x [n, c, ...]. */
public final class FeatureAlphaDropout extends Layer {
    private final double p;
    private final Draws draws = draws();

    /**
     * With probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public FeatureAlphaDropout(double p) {
        this.p = Dropout.probability("FeatureAlphaDropout: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        return isTraining() ? Functional.featureAlphaDropout(x, p, draws) : x;
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
