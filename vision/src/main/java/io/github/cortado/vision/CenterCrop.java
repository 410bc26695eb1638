package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Locale;
import java.util.Optional;

/**
 * Cuts height x width pixels out of the middle of a picture; where it is smaller, black is put
 * around it.
 *
 * <p>Of h rows, those from (h - height) / 2 on are taken, rounded to the even number at a half; too
 * few are padded by (height - h) / 2 above, rounded down. Columns likewise.
 *
 * @param height of the result
 * @param width of the result
 */
public record CenterCrop(int height, int width) implements PictureTransform {
    /**
     * Cuts out height x width pixels.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public CenterCrop {
        requireSize("CenterCrop", height, width);
    }

    /** Cuts out a square. */
    public CenterCrop(int size) {
        this(size, size);
    }

    static void requireSize(String who, int height, int width) {
        if (height <= 0 || width <= 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: height and width must be positive, got %d x %d",
                            who,
                            height,
                            width));
        }
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        if (picture.height() == height && picture.width() == width) {
            return picture;
        }
        spare.reshape(height, width);
        int top = first(picture.height(), height);
        int left = first(picture.width(), width);
        Padding.NONE.copy(picture, top, left, spare);
        return spare;
    }

    private static int first(int has, int wanted) {
        return wanted > has ? -((wanted - has) / 2) : (int) Math.rint((has - wanted) / 2.0);
    }

    /** Only where nothing has to be done: pictures of other sizes are cut on the host. */
    @Override
    public Optional<PictureStep> step(int ordinal, int h, int w) {
        return h == height && w == width
                ? Optional.of(PictureStep.none(ordinal))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "CenterCrop(size=(%d, %d))", height, width);
    }
}
