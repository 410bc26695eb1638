package io.github.cortado.vision;

import io.github.cortado.data.Image;

/** Inverts all values with probability p, as {@link Transforms#invert} does: draw 0 below p. */
public record RandomInvert(double p) implements RandomlyApplied {
    /**
     * Inverts with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomInvert {
        RandomlyApplied.require("RandomInvert", p);
    }

    /** Inverts half of the time. */
    public RandomInvert() {
        this(0.5);
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.tones.solarize(picture, 0);
        return picture;
    }

    @Override
    public String toString() {
        return "RandomInvert(p=" + p + ")";
    }
}
