package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Logarithm of the softmax along one dimension. */
public final class LogSoftmax extends Layer {
    private final int dim;

    /** With the dimension whose exponentials sum to 1. */
    public LogSoftmax(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.logSoftmax(dim);
    }

    @Override
    protected String details() {
        return "dim=" + dim;
    }
}
