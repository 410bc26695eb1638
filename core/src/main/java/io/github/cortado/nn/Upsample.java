package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x [n, c, h, w], a whole number of times as large. */
public final class Upsample extends Layer {
    private final int factor;
    private final String mode;
    private final boolean alignCorners;

    /** By the nearest element. */
    public Upsample(int scaleFactor) {
        this(scaleFactor, "nearest", false);
    }

    /** As {@link Functional#interpolate} does it. */
    public Upsample(int scaleFactor, String mode, boolean alignCorners) {
        factor = scaleFactor;
        this.mode = mode;
        this.alignCorners = alignCorners;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.interpolate(
                x, x.dim(-2) * factor, x.dim(-1) * factor, mode, alignCorners);
    }

    @Override
    protected String details() {
        return "scale_factor=" + number(factor) + ", mode='" + mode + "'";
    }
}
