package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** min(max(x, low), high). */
public final class Hardtanh extends Layer {
    private final double low;
    private final double high;

    /** Between -1 and 1. */
    public Hardtanh() {
        this(-1, 1);
    }

    /** Between low and high. */
    public Hardtanh(double minVal, double maxVal) {
        low = minVal;
        high = maxVal;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.hardtanh(x, low, high);
    }

    @Override
    protected String details() {
        return "min_val=" + number(low) + ", max_val=" + number(high);
    }
}
