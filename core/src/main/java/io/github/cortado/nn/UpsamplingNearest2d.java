package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x [n, c, h, w], a whole number of times as large, by the nearest element. */
public final class UpsamplingNearest2d extends Layer {
    private final int factor;

    /** So many times as high and as wide. */
    public UpsamplingNearest2d(int scaleFactor) {
        factor = scaleFactor;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.interpolate(x, x.dim(-2) * factor, x.dim(-1) * factor, "nearest", false);
    }

    @Override
    protected String details() {
        return "scale_factor=" + number(factor) + ", mode='nearest'";
    }
}
