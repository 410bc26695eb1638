package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Blurs or sharpens a picture with probability p, as {@link Transforms#adjustSharpness} does: draw
 * 0 below p.
 *
 * @param factor 0 is blurred, 1 the picture, more is sharper
 * @param p the probability
 */
public record RandomAdjustSharpness(double factor, double p) implements RandomlyApplied {
    /**
     * Blurs or sharpens with probability p.
     *
     * @throws IllegalArgumentException where the factor is negative or not finite, or p is no
     *     probability
     */
    public RandomAdjustSharpness {
        RandomlyApplied.require("RandomAdjustSharpness", p);
        Transforms.factor("RandomAdjustSharpness", factor);
    }

    /** Blurs or sharpens half of the time. */
    public RandomAdjustSharpness(double factor) {
        this(factor, 0.5);
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        Blur.sharpen(picture, (float) factor, spare);
        return spare;
    }

    @Override
    public String toString() {
        return "RandomAdjustSharpness(sharpness_factor=" + factor + ", p=" + p + ")";
    }
}
