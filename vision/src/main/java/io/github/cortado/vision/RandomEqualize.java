package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Makes the values of every channel as frequent as each other with probability p, as {@link
 * Transforms#equalize} does: draw 0 below p.
 */
public record RandomEqualize(double p) implements RandomlyApplied {
    /**
     * Equalizes with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomEqualize {
        RandomlyApplied.require("RandomEqualize", p);
    }

    /** Equalizes half of the time. */
    public RandomEqualize() {
        this(0.5);
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.tones.equalize(picture);
        return picture;
    }

    @Override
    public String toString() {
        return "RandomEqualize(p=" + p + ")";
    }
}
