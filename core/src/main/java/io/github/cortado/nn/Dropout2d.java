package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.Arrays;

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
        int[] sizes = x.shape().dims();
        Arrays.fill(sizes, 2, sizes.length, 1);
        Tensor ones = x.sibling(Shape.of(sizes)).fill(1);
        return x.mul(Functional.dropout(ones, p, draws));
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
