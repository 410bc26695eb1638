package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/**
 * Normalisation of every channel of every example by itself (Ulyanov et al., arXiv 1607.08022), eps
 * 1e-5, without weights.
 */
abstract class InstanceNorm extends Layer {
    private static final double EPS = 1e-5;

    private final int channels;
    private final int rank;
    private final String sizes;

    /** Of so many channels of examples [channels, sizes]. */
    InstanceNorm(int numFeatures, int rank, String sizes) {
        channels = numFeatures;
        this.rank = rank;
        this.sizes = sizes;
    }

    @Override
    public final Tensor forward(Tensor x) {
        if (x.shape().rank() != rank || x.dim(1) != channels) {
            throw new ShapeException(
                    getClass().getSimpleName()
                            + ": expects [n, "
                            + channels
                            + ", "
                            + sizes
                            + "], got "
                            + x.shape());
        }
        return Functional.instanceNorm(x, null, null, EPS);
    }

    @Override
    protected final String details() {
        return channels
                + ", eps="
                + number(EPS)
                + ", momentum=0.1, affine=False, track_running_stats=False";
    }
}
