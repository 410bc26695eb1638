package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * In training, zeroes whole channels of x [n, c, ...] with probability p and scales the others by 1
 * / (1 - p) (Tompson et al., arXiv 1411.4280).
 */
public final class Dropout2d extends Layer {
    private final double p;
    private final Draws draws = draws();

    /**
     * With probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public Dropout2d(double p) {
        this.p = Dropout.probability("Dropout2d: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        if (!isTraining()) {
            return x;
        }
        if (x.shape().rank() < 3) {
            throw new ShapeException("Dropout2d: expects [n, channels, ...], got " + x.shape());
        }
        return x.mul(Functional.dropoutMask(x, 2, p, draws));
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
