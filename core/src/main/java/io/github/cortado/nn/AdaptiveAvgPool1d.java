package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Means over equal parts of x [n, c, l]. */
public final class AdaptiveAvgPool1d extends Layer {
    private final int size;

    /** So many parts. */
    public AdaptiveAvgPool1d(int outputSize) {
        size = outputSize;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.adaptiveAvgPool1d(x, size);
    }

    @Override
    protected String details() {
        return "output_size=" + size;
    }
}
