package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Locale;
import java.util.Optional;

/**
 * Cuts height x width pixels out of a picture at a random place: {@code new
 * RandomCrop(32).padding(4)} is what CIFAR-10 is trained with.
 *
 * <p>Of a padded picture of h x w pixels, draw 0 is the row to begin at, floor((h - height + 1)
 * draw), and draw 1 the column.
 */
public final class RandomCrop implements PictureTransform {
    private final int height;
    private final int width;
    private final Padding padding;
    private final boolean padIfNeeded;

    /** Cuts out a square. */
    public RandomCrop(int size) {
        this(size, size);
    }

    /**
     * Cuts out height x width pixels.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public RandomCrop(int height, int width) {
        this(height, width, Padding.NONE, false);
        CenterCrop.requireSize("RandomCrop", height, width);
    }

    private RandomCrop(int height, int width, Padding padding, boolean padIfNeeded) {
        this.height = height;
        this.width = width;
        this.padding = padding;
        this.padIfNeeded = padIfNeeded;
    }

    /** Returns this with so many pixels put around the picture before. */
    public RandomCrop padding(int padding) {
        return padding(padding, padding, padding, padding);
    }

    /** Returns this with so many pixels put around the picture before; negative ones cut it. */
    public RandomCrop padding(int left, int top, int right, int bottom) {
        Padding sides =
                new Padding(left, top, right, bottom)
                        .mode(padding.mode())
                        .fill(new int[] {padding.red(), padding.green(), padding.blue()});
        return new RandomCrop(height, width, sides, padIfNeeded);
    }

    /**
     * Returns this that pads what is still too small, on both sides by as much as it lacks, instead
     * of refusing it.
     */
    public RandomCrop padIfNeeded(boolean padIfNeeded) {
        return new RandomCrop(height, width, padding, padIfNeeded);
    }

    /**
     * Returns this with padding in another colour than black.
     *
     * @param fill one number for grey, or red, green and blue, 0 to 255
     * @throws IllegalArgumentException for other numbers
     */
    public RandomCrop fill(int... fill) {
        int[] colour = Padding.colour("RandomCrop: fill", fill);
        return new RandomCrop(height, width, padding.fill(colour), padIfNeeded);
    }

    /** Returns this with padding that continues the picture in this way. */
    public RandomCrop paddingMode(PaddingMode mode) {
        return new RandomCrop(height, width, padding.mode(mode), padIfNeeded);
    }

    /**
     * Pads and cuts a picture.
     *
     * @throws IllegalArgumentException where it is smaller than the result, padding included
     */
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        Padding around = around(picture);
        int top = (int) draws.fixed(0, around.height(picture.height()) - height + 1L);
        int left = (int) draws.fixed(0, around.width(picture.width()) - width + 1L);
        if (around.isNothing() && picture.height() == height && picture.width() == width) {
            return picture;
        }
        spare.reshape(height, width);
        around.copy(picture, top, left, spare);
        return spare;
    }

    /**
     * Returns what is cut out at a place that is no random one, leaving the given picture as it is.
     *
     * @param top row of the padded picture to begin at
     * @param left column of the padded picture to begin at
     * @throws IllegalArgumentException where the padded picture has no such place
     */
    public Image apply(Image picture, int top, int left) {
        Padding around = around(picture);
        int rows = around.height(picture.height()) - height;
        int columns = around.width(picture.width()) - width;
        if (top < 0 || top > rows || left < 0 || left > columns) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "RandomCrop: place (%d, %d) must be within (0, 0) and (%d, %d)",
                            top,
                            left,
                            rows,
                            columns));
        }
        Image out = new Image(height, width);
        around.copy(picture, top, left, out);
        return out;
    }

    /** What is put around a picture, which then is large enough. */
    private Padding around(Image picture) {
        padding.check("RandomCrop", picture.height(), picture.width());
        int rows = height - padding.height(picture.height());
        int columns = width - padding.width(picture.width());
        if (rows <= 0 && columns <= 0) {
            return padding;
        }
        if (!padIfNeeded) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "RandomCrop: size (%d, %d) does not fit a picture [3, %d, %d] with"
                                    + " padding (%s)",
                            height,
                            width,
                            picture.height(),
                            picture.width(),
                            padding.sides()));
        }
        return padding.plus(Math.max(0, rows), Math.max(0, columns));
    }

    /** Only where nothing has to be done: pictures are cut on the host. */
    @Override
    public Optional<PictureStep> step(int ordinal, int h, int w) {
        return h == height && w == width && padding.isNothing()
                ? Optional.of(PictureStep.none(ordinal))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "RandomCrop(size=(%d, %d), padding=[%s], pad_if_needed=%s, %s)",
                height,
                width,
                padding.sides(),
                padIfNeeded ? "True" : "False",
                padding.look());
    }
}
