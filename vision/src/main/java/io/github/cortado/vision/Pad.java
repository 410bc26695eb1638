package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Optional;

/**
 * Puts pixels around a picture, black unless something else is asked for: {@code new
 * Pad(4).paddingMode(PaddingMode.REFLECT)}. Where a side is negative, so many pixels are cut off.
 *
 * <p>Of height h and width w becomes h + top + bottom and w + left + right.
 */
public final class Pad implements PictureTransform {
    private final Padding padding;

    /** Pads all four sides alike. */
    public Pad(int padding) {
        this(padding, padding);
    }

    /** Pads left and right by the one, top and bottom by the other. */
    public Pad(int leftAndRight, int topAndBottom) {
        this(leftAndRight, topAndBottom, leftAndRight, topAndBottom);
    }

    /** Pads every side by a number of its own, in torchvision's order. */
    public Pad(int left, int top, int right, int bottom) {
        this(new Padding(left, top, right, bottom));
    }

    private Pad(Padding padding) {
        this.padding = padding;
    }

    /**
     * Returns this with another colour than black.
     *
     * @param fill one number for grey, or red, green and blue, 0 to 255
     * @throws IllegalArgumentException for other numbers
     */
    public Pad fill(int... fill) {
        return new Pad(padding.fill(Padding.colour("Pad: fill", fill)));
    }

    /** Returns this with pixels that continue the picture in this way. */
    public Pad paddingMode(PaddingMode mode) {
        return new Pad(padding.mode(mode));
    }

    /**
     * Pads a picture.
     *
     * @throws IllegalArgumentException where negative sides leave nothing of it
     */
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        if (padding.isNothing()) {
            return picture;
        }
        padding.check("Pad", picture.height(), picture.width());
        spare.reshape(padding.height(picture.height()), padding.width(picture.width()));
        padding.copy(picture, 0, 0, spare);
        return spare;
    }

    /** Only where nothing has to be done: pictures are padded on the host. */
    @Override
    public Optional<PictureStep> step(int ordinal, int height, int width) {
        return padding.isNothing() ? Optional.of(PictureStep.none(ordinal)) : Optional.empty();
    }

    @Override
    public String toString() {
        return "Pad(padding=[" + padding.sides() + "], " + padding.look() + ")";
    }
}
