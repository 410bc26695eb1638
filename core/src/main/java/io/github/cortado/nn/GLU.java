package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** The first half along a dimension times the sigmoid of the second: {@link Functional#glu}. */
public final class GLU extends Layer {
    private final int dim;

    /** Along the last dimension. */
    public GLU() {
        this(-1);
    }

    /** Along a dimension, counted from the end where it is negative. */
    public GLU(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.glu(x, dim);
    }

    @Override
    protected String details() {
        return "dim=" + dim;
    }
}
