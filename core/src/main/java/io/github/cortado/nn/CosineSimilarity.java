package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** {@link Functional#cosineSimilarity} of two tensors along one dimension. */
public final class CosineSimilarity extends Block {
    private final int dim;
    private final double eps;

    /** Along dimension 1, with eps 1e-8. */
    public CosineSimilarity() {
        this(1, 1e-8);
    }

    /** Along a dimension, norms being at least eps. */
    public CosineSimilarity(int dim, double eps) {
        this.dim = dim;
        this.eps = eps;
    }

    /** Of a and b, whose shapes stretch to one. */
    public Tensor forward(Tensor a, Tensor b) {
        return Functional.cosineSimilarity(a, b, dim, eps);
    }
}
