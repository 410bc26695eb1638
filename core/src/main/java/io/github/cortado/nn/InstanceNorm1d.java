package io.github.cortado.nn;

/**
 * Normalisation of every channel of every sequence by itself (Ulyanov et al., arXiv 1607.08022),
 * eps 1e-5, without weights.
 */
public final class InstanceNorm1d extends InstanceNorm {
    /** Of so many channels. */
    public InstanceNorm1d(int numFeatures) {
        super(numFeatures, 3, "l");
    }
}
