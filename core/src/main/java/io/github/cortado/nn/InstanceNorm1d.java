package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * Normalisation of every channel of every sequence by itself (Ulyanov et al., arXiv 1607.08022),
 * eps 1e-5, without weights.
 */
public final class InstanceNorm1d extends Layer {
    private static final double EPS = 1e-5;

    private final int channels;

    /** Of so many channels. */
    public InstanceNorm1d(int numFeatures) {
        channels = numFeatures;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() != 3 || x.dim(1) != channels) {
            throw new ShapeException(
                    "InstanceNorm1d: expects [n, " + channels + ", l], got " + x.shape());
        }
        return Functional.instanceNorm(x, null, null, EPS);
    }

    @Override
    protected String details() {
        return channels
                + ", eps="
                + number(EPS)
                + ", momentum=0.1, affine=False, track_running_stats=False";
    }
}
