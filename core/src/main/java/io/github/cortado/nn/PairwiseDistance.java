package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** {@link Functional#pairwiseDistance} of two tensors along the last dimension. */
public final class PairwiseDistance extends Block {
    private final double eps;

    /** With eps 1e-6. */
    public PairwiseDistance() {
        this(1e-6);
    }

    /** With a number added to all differences. */
    public PairwiseDistance(double eps) {
        this.eps = eps;
    }

    /** Of a and b, whose shapes stretch to one. */
    public Tensor forward(Tensor a, Tensor b) {
        return Functional.pairwiseDistance(a, b, eps);
    }
}
