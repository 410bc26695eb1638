package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/**
 * Keeps the upper bits of every value with probability p, as {@link Transforms#posterize} does:
 * draw 0 below p.
 *
 * @param bits that are kept, 0 to 8
 * @param p the probability
 */
public record RandomPosterize(int bits, double p) implements RandomlyApplied {
    /**
     * Keeps so many bits with probability p.
     *
     * @throws IllegalArgumentException where bits are not 0 to 8 or p is no probability
     */
    public RandomPosterize {
        RandomlyApplied.require("RandomPosterize", p);
        requireBits("RandomPosterize", bits);
    }

    /** Keeps so many bits half of the time. */
    public RandomPosterize(int bits) {
        this(bits, 0.5);
    }

    static void requireBits(String who, int bits) {
        if (bits < 0 || bits > 8) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s: bits must be 0 to 8, got %d", who, bits));
        }
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        draws.tones.posterize(picture, bits);
        return picture;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "RandomPosterize(bits=%d, p=%s)", bits, p);
    }
}
