package io.github.cortado.nn;

/**
 * Normalisation of every channel of every picture by itself (Ulyanov et al., arXiv 1607.08022), eps
 * 1e-5, without weights.
 */
public final class InstanceNorm2d extends InstanceNorm {
    /** Of so many channels. */
    public InstanceNorm2d(int numFeatures) {
        super(numFeatures, 4, "h, w");
    }
}
