package io.github.cortado.nn;

import io.github.cortado.Tensor;

/**
 * In training, leaves out a path of a network with probability p, for single rows or for a whole
 * batch, and scales what stays by 1 / (1 - p) (Huang et al., arXiv 1603.09382); in evaluation, the
 * identity. Torchvision's; others call it drop path.
 */
public final class StochasticDepth extends Layer {
    private final double p;
    private final String mode;
    private final Draws draws = draws();

    /**
     * With probability p.
     *
     * @param mode {@code row}: each of x [n, ...] by itself, or {@code batch}: all of it
     * @throws IllegalArgumentException if p is not from 0 to 1, or the mode is another word
     */
    public StochasticDepth(double p, String mode) {
        this.p = Dropout.probability("StochasticDepth: p", p);
        if (!mode.matches("row|batch")) {
            throw new IllegalArgumentException(
                    "StochasticDepth: expected row or batch as mode, got " + mode);
        }
        this.mode = mode;
    }

    @Override
    public Tensor forward(Tensor x) {
        return isTraining() ? Functional.stochasticDepth(x, p, mode, draws) : x;
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", mode=" + mode;
    }
}
