package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Inverts the values that are not below a threshold with probability p, as {@link
 * Transforms#solarize} does: draw 0 below p.
 *
 * @param threshold the least value to be inverted
 * @param p the probability
 */
public record RandomSolarize(double threshold, double p) implements RandomlyApplied {
    /**
     * Inverts with probability p.
     *
     * @throws IllegalArgumentException where the threshold is NaN or p is no probability
     */
    public RandomSolarize {
        RandomlyApplied.require("RandomSolarize", p);
        requireThreshold("RandomSolarize", threshold);
    }

    /** Inverts half of the time. */
    public RandomSolarize(double threshold) {
        this(threshold, 0.5);
    }

    static void requireThreshold(String who, double threshold) {
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException(who + ": the threshold must be a number, got NaN");
        }
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.tones.solarize(picture, threshold);
        return picture;
    }

    @Override
    public String toString() {
        return "RandomSolarize(threshold=" + threshold + ", p=" + p + ")";
    }
}
