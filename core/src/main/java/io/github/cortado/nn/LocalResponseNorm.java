package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** {@link Functional#localResponseNorm} of x [n, c, ...]. */
public final class LocalResponseNorm extends Layer {
    private final int size;
    private final double alpha;
    private final double beta;
    private final double k;

    /** Over so many channels, with alpha 1e-4, beta 0.75 and k 1. */
    public LocalResponseNorm(int size) {
        this(size, 1e-4, 0.75, 1);
    }

    /** Over so many channels, with these numbers. */
    public LocalResponseNorm(int size, double alpha, double beta, double k) {
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.localResponseNorm(x, size, alpha, beta, k);
    }

    @Override
    protected String details() {
        return size + ", alpha=" + number(alpha) + ", beta=" + number(beta) + ", k=" + number(k);
    }
}
