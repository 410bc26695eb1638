package io.github.cortado.nn;

import io.github.cortado.Tensor;

/**
 * In training, zeroes each element with probability p and scales the others by 1 / (1 - p)
 * (Srivastava et al., 2014); in evaluation, the identity. Which elements depends on the seed, on
 * which of the random blocks this is, and on how often it has run, and on nothing else.
 */
public final class Dropout extends Layer {
    private final double p;
    private final Draws draws = draws();

    /**
     * Dropout with probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public Dropout(double p) {
        this.p = probability("Dropout: p", p);
    }

    /** {@code p}, unless it is none. */
    static double probability(String what, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(what + " must be from 0 to 1, got " + p);
        }
        return p;
    }

    @Override
    public Tensor forward(Tensor x) {
        return isTraining() ? Functional.dropout(x, p, draws) : x;
    }

    /** How many training passes this layer has made. */
    public long forwards() {
        return draws.count();
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
