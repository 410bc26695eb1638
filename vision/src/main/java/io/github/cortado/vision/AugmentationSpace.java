package io.github.cortado.vision;

import java.util.Locale;

/**
 * How strong an {@link Augmentation} is at each of a number of evenly spaced steps.
 *
 * @param bins how many steps there are, at least 2
 * @param shear at the last step; all begin at 0
 * @param translate at the last step, in pixels, or as a fraction of the side where that is below 1
 * @param rotate at the last step, in degrees
 * @param colour at the last step, of brightness, colour, contrast and sharpness
 * @param bits that are taken off by posterizing at the last step
 */
record AugmentationSpace(
        int bins, double shear, double translate, double rotate, double colour, int bits) {
    /** RandAugment's. */
    static AugmentationSpace rand(int bins) {
        return new AugmentationSpace(bins, 0.3, 150.0 / 331, 30, 0.9, 4);
    }

    /** TrivialAugment's wide one. */
    static AugmentationSpace wide(int bins) {
        return new AugmentationSpace(bins, 0.99, 32, 135, 0.99, 6);
    }

    /**
     * Checks the number of steps.
     *
     * @throws IllegalArgumentException for less than 2
     */
    AugmentationSpace checked(String who) {
        if (bins < 2) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: there must be 2 magnitudes or more, got %d",
                            who,
                            bins));
        }
        return this;
    }

    /** The magnitude at step i, without sign, for a height x width picture. */
    double magnitude(Augmentation operation, int i, int height, int width) {
        return switch (operation) {
            case SHEAR_X, SHEAR_Y -> linear(0, shear, i);
            case TRANSLATE_X -> linear(0, translate < 1 ? translate * width : translate, i);
            case TRANSLATE_Y -> linear(0, translate < 1 ? translate * height : translate, i);
            case ROTATE -> linear(0, rotate, i);
            case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> linear(0, colour, i);
            case POSTERIZE -> Math.rint(8 - i / (float) ((bins - 1) / (double) bits));
            case SOLARIZE -> linear(1, 0, i);
            default -> 0;
        };
    }

    /**
     * from + (to - from) i / (bins - 1) as torch.linspace computes it in float32: steps from the
     * nearer end, each value rounded once.
     */
    private double linear(double from, double to, int i) {
        float step = ((float) to - (float) from) / (bins - 1);
        return i < bins / 2
                ? (float) ((float) from + (double) step * i)
                : (float) ((float) to - (double) step * (bins - 1 - i));
    }
}
