package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Normalisation over groups of channels (Wu and He, arXiv 1803.08494). */
public final class GroupNorm extends Layer {
    private static final double EPS = 1e-5;

    private final int groups;
    private final int channels;
    private final Tensor weight;
    private final Tensor bias;

    /**
     * So many groups of the channels, eps 1e-5.
     *
     * @throws IllegalArgumentException if the channels do not make so many groups
     */
    public GroupNorm(int numGroups, int numChannels) {
        if (numGroups < 1 || numChannels < 1 || numChannels % numGroups != 0) {
            throw new IllegalArgumentException(
                    "GroupNorm: " + numChannels + " channels do not make " + numGroups + " groups");
        }
        groups = numGroups;
        channels = numChannels;
        weight = parameter("weight", Tensor.ones(channels));
        bias = parameter("bias", Tensor.zeros(channels));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.groupNorm(x, groups, weight, bias, EPS);
    }

    @Override
    protected String details() {
        return groups + ", " + channels + ", eps=" + number(EPS) + ", affine=True";
    }
}
