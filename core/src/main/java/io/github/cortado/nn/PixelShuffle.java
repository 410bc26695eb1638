package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Channels become neighbours (Shi et al., arXiv 1609.05158). */
public final class PixelShuffle extends Layer {
    private final int factor;

    /** By this factor in both directions. */
    public PixelShuffle(int upscaleFactor) {
        factor = upscaleFactor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.pixelShuffle(x, factor);
    }

    @Override
    protected String details() {
        return "upscale_factor=" + factor;
    }
}
