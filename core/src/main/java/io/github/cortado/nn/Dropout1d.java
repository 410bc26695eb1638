package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * In training, zeroes whole channels of x [n, c, l] or [c, l] with probability p and scales the
 * others by 1 / (1 - p) (Tompson et al., arXiv 1411.4280).
 */
public final class Dropout1d extends Layer {
    private final double p;
    private final Draws draws = draws();

    /**
     * With probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public Dropout1d(double p) {
        this.p = Dropout.probability("Dropout1d: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        int rank = x.shape().rank();
        if (rank != 2 && rank != 3) {
            throw new ShapeException("Dropout1d: expects [n, c, l] or [c, l], got " + x.shape());
        }
        return isTraining() ? x.mul(Functional.dropoutMask(x, rank - 1, p, draws)) : x;
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
