package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * Normalisation of every channel of every picture by itself (Ulyanov et al., arXiv 1607.08022), eps
 * 1e-5, without weights.
 */
public final class InstanceNorm2d extends Layer {
    private static final double EPS = 1e-5;

    private final int channels;

    /** Of so many channels. */
    public InstanceNorm2d(int numFeatures) {
        channels = numFeatures;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() != 4 || x.dim(1) != channels) {
            throw new ShapeException(
                    "InstanceNorm2d: expects [n, " + channels + ", h, w], got " + x.shape());
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
