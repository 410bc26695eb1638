package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * Batch normalisation of x [n, channels] or [n, channels, l] by channel (Ioffe and Szegedy, arXiv
 * 1502.03167), with PyTorch's running statistics: biased variance to normalise, unbiased to
 * remember.
 */
public final class BatchNorm1d extends BatchNorm {
    /** With eps 1e-5 and momentum 0.1. */
    public BatchNorm1d(int channels) {
        this(channels, 1e-5, 0.1);
    }

    /** With {@code eps} added to the variance and {@code momentum} the share of a new batch. */
    public BatchNorm1d(int channels, double eps, double momentum) {
        super(channels, eps, momentum);
    }

    @Override
    void check(Tensor x) {
        if (x.shape().rank() != 2 && x.shape().rank() != 3) {
            throw new ShapeException("BatchNorm1d: expects [n, c] or [n, c, l], got " + x.shape());
        }
    }
}
