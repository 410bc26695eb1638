package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x where above a threshold, else a value. */
public final class Threshold extends Layer {
    private final double threshold;
    private final double value;

    /** With these numbers. */
    public Threshold(double threshold, double value) {
        this.threshold = threshold;
        this.value = value;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.threshold(x, threshold, value);
    }

    @Override
    protected String details() {
        return "threshold=" + number(threshold) + ", value=" + number(value);
    }
}
