package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.PictureStep.Kind;
import io.github.cortado.data.Image;
import java.util.Optional;

/**
 * Changes brightness, contrast and saturation in a random order, each by a factor in [max(0, 1 -
 * s), 1 + s).
 *
 * <p>Draw 0 chooses one of the six orders, floor(6 draw); draws 1, 2 and 3 are the factors of
 * brightness, contrast and saturation, in float32.
 *
 * @param brightness s of the brightness, 0 or more
 * @param contrast s of the contrast, 0 or more
 * @param saturation s of the saturation, 0 or more
 */
public record ColorJitter(double brightness, double contrast, double saturation)
        implements PictureTransform {
    /** Of brightness, contrast and saturation, as in {@link Colours#blends}. */
    private static final int[][] ORDERS = {
        {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
    };

    /**
     * Checks the three strengths.
     *
     * @throws IllegalArgumentException where one is negative or not finite
     */
    public ColorJitter {
        require("brightness", brightness);
        require("contrast", contrast);
        require("saturation", saturation);
    }

    private static void require(String what, double strength) {
        if (!(strength >= 0 && strength <= 255)) {
            throw new IllegalArgumentException(
                    "ColorJitter: %s must be in [0, 255], got %s".formatted(what, strength));
        }
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        int[] order = ORDERS[(int) draws.fixed(0, ORDERS.length)];
        float[] factors = draws.factors;
        factors[0] = factor(brightness, draws);
        factors[1] = factor(contrast, draws);
        factors[2] = factor(saturation, draws);
        for (int blend : order) {
            draws.colours.blends[blend].apply(picture, factors[blend]);
        }
        return picture;
    }

    private static float factor(double strength, Draws draws) {
        return draws.uniform(least(strength), most(strength));
    }

    private static float least(double strength) {
        return (float) Math.max(0, 1 - strength);
    }

    private static float most(double strength) {
        return (float) (1 + strength);
    }

    @Override
    public Optional<PictureStep> step(int ordinal, int height, int width) {
        long[] limits = new long[6];
        double[] strengths = {brightness, contrast, saturation};
        for (int i = 0; i < strengths.length; i++) {
            limits[2 * i] = Float.floatToRawIntBits(least(strengths[i]));
            limits[2 * i + 1] = Float.floatToRawIntBits(most(strengths[i]));
        }
        return Optional.of(new PictureStep(Kind.JITTER, ordinal, limits));
    }

    @Override
    public String toString() {
        return "ColorJitter(brightness=%s, contrast=%s, saturation=%s)"
                .formatted(brightness, contrast, saturation);
    }
}
