package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/**
 * A number of operations in a row, each chosen at random among the first fourteen of {@link
 * Augmentation}, all at the same step of magnitude: 2 operations at step 9 of 0 to 30 unless
 * another is asked for.
 *
 * <p>At the last step, rows are sheared by 0.3, moved by 150/331 of a side, rotated by 30 degrees,
 * colours and sharpness changed by 0.9, 4 bits taken off, and all inverted; at step 0 nothing. An
 * operation takes a draw that chooses it, and one for the sign where it has one: below or at a half
 * is negative.
 *
 * <p>Source: E. D. Cubuk, B. Zoph, J. Shlens, Q. V. Le, "RandAugment: practical automated data
 * augmentation with a reduced search space", 2019; magnitudes are torchvision's.
 */
public final class RandAugment implements PictureTransform {
    private static final Augmentation[] OPERATIONS = Augmentation.values();

    private final int operations;
    private final int magnitude;
    private final AugmentationSpace space;

    /** Two operations at step 9 of 31. */
    public RandAugment() {
        this(2, 9);
    }

    /** So many operations at this step of 31. */
    public RandAugment(int operations, int magnitude) {
        this(operations, magnitude, 31);
    }

    /**
     * So many operations at a step of so many.
     *
     * @throws IllegalArgumentException where there are less than 0 operations or 2 steps, or the
     *     magnitude is not one of them
     */
    public RandAugment(int operations, int magnitude, int bins) {
        this.operations = operations;
        this.magnitude = magnitude;
        this.space = AugmentationSpace.rand(bins).checked("RandAugment");
        if (operations < 0 || magnitude < 0 || magnitude >= bins) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "RandAugment: there must be 0 operations or more and a magnitude of 0"
                                    + " to %d, got %d and %d",
                            bins - 1,
                            operations,
                            magnitude));
        }
    }

    // Which of the two pictures it is, not what is on it.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        Image current = picture;
        Image other = spare;
        for (int i = 0; i < operations; i++) {
            Augmentation operation = OPERATIONS[(int) draws.fixed(0, Augmentation.FOURTEEN)];
            double m = space.magnitude(operation, magnitude, current.height(), current.width());
            if (operation.isSigned() && draws.uniform() <= 0.5f) {
                m = -m;
            }
            Image result = operation.apply(current, other, draws, m);
            other = result == current ? other : current;
            current = result;
        }
        return current;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "RandAugment(num_ops=%d, magnitude=%d, num_magnitude_bins=%d)",
                operations,
                magnitude,
                space.bins());
    }
}
