package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/**
 * One operation, chosen at random among the first fourteen of {@link Augmentation}, at a random
 * step of magnitude, one of 31 unless another number is asked for.
 *
 * <p>At the last step, rows are sheared by 0.99, moved by 32 pixels, rotated by 135 degrees,
 * colours and sharpness changed by 0.99, 6 bits taken off, and all inverted; at the first nothing.
 * Draw 0 chooses the operation; where it has a magnitude, draw 1 is its step; where that has a
 * sign, draw 2 is negative below or at a half.
 *
 * <p>Source: S. G. Müller, F. Hutter, "TrivialAugment: tuning-free yet state-of-the-art data
 * augmentation", 2021; magnitudes are torchvision's.
 */
public final class TrivialAugmentWide implements PictureTransform {
    private static final Augmentation[] OPERATIONS = Augmentation.values();

    private final AugmentationSpace space;

    /** One of 31 steps. */
    public TrivialAugmentWide() {
        this(31);
    }

    /**
     * One of so many steps.
     *
     * @throws IllegalArgumentException for less than 2
     */
    public TrivialAugmentWide(int bins) {
        space = AugmentationSpace.wide(bins).checked("TrivialAugmentWide");
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        Augmentation operation = OPERATIONS[(int) draws.fixed(0, Augmentation.FOURTEEN)];
        double m = 0;
        if (operation.hasMagnitude()) {
            int step = (int) draws.fixed(0, space.bins());
            m = space.magnitude(operation, step, picture.height(), picture.width());
            if (operation.isSigned() && draws.uniform() <= 0.5f) {
                m = -m;
            }
        }
        return operation.apply(picture, spare, draws, m);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "TrivialAugmentWide(num_magnitude_bins=%d)", space.bins());
    }
}
