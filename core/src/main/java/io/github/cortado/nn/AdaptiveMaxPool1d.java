package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Largest values of equal parts of x [n, c, l]. */
public final class AdaptiveMaxPool1d extends Layer {
    private final int size;

    /** So many parts. */
    public AdaptiveMaxPool1d(int outputSize) {
        size = outputSize;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.adaptiveMaxPool1d(x, size);
    }

    @Override
    protected String details() {
        return "output_size=" + size;
    }
}
