package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Channels of x [n, c, ...] dealt out group by group (Zhang et al., arXiv 1707.01083). */
public final class ChannelShuffle extends Layer {
    private final int groups;

    /** With so many groups. */
    public ChannelShuffle(int groups) {
        this.groups = groups;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.channelShuffle(x, groups);
    }

    @Override
    protected String details() {
        return "groups=" + groups;
    }
}
