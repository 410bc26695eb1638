package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Softmax of -x along one dimension. */
public final class Softmin extends Layer {
    private final int dim;

    /** With the dimension that sums to 1. */
    public Softmin(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.softmin(x, dim);
    }

    @Override
    protected String details() {
        return "dim=" + dim;
    }
}
