package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Softmax along one dimension. */
public final class Softmax extends Layer {
    private final int dim;

    /** With the dimension that sums to 1. */
    public Softmax(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.softmax(dim);
    }

    @Override
    protected String details() {
        return "dim=" + dim;
    }
}
