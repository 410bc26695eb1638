package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Neighbours become channels: what undoes {@link PixelShuffle}. */
public final class PixelUnshuffle extends Layer {
    private final int factor;

    /** By this factor in both directions. */
    public PixelUnshuffle(int downscaleFactor) {
        factor = downscaleFactor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.pixelUnshuffle(x, factor);
    }

    @Override
    protected String details() {
        return "downscale_factor=" + factor;
    }
}
