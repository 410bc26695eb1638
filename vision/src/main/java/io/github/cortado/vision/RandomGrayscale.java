package io.github.cortado.vision;

import io.github.cortado.data.Image;

/** Makes a picture grey with probability p, as {@link Grayscale} does: draw 0 below p. */
public record RandomGrayscale(double p) implements RandomlyApplied {
    /**
     * Makes pictures grey with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomGrayscale {
        RandomlyApplied.require("RandomGrayscale", p);
    }

    /** Makes a tenth of the pictures grey. */
    public RandomGrayscale() {
        this(0.1);
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.colours.saturation(picture, 0);
        return picture;
    }

    @Override
    public String toString() {
        return "RandomGrayscale(p=" + p + ")";
    }
}
