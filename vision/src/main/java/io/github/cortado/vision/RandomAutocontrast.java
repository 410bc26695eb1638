package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Spreads the values of every channel over 0 to 255 with probability p, as {@link
 * Transforms#autocontrast} does: draw 0 below p.
 */
public record RandomAutocontrast(double p) implements RandomlyApplied {
    /**
     * Spreads values with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomAutocontrast {
        RandomlyApplied.require("RandomAutocontrast", p);
    }

    /** Spreads values half of the time. */
    public RandomAutocontrast() {
        this(0.5);
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.tones.autocontrast(picture);
        return picture;
    }

    @Override
    public String toString() {
        return "RandomAutocontrast(p=" + p + ")";
    }
}
