package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Resizes a picture to height x width, bilinear with antialias, first the rows, then the columns,
 * each rounded to bytes, as PIL does. A picture of that size stays as it is.
 *
 * <p>Aspect is not kept.
 */
public final class Resize implements PictureTransform {
    private final int height;
    private final int width;
    // Weights of the last input size; a race merely computes them twice.
    private volatile @Nullable Resampling horizontal;
    private volatile @Nullable Resampling vertical;

    /**
     * Resizes to height x width.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public Resize(int height, int width) {
        if (height <= 0 || width <= 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "resize: height and width must be positive, got %d x %d",
                            height,
                            width));
        }
        this.height = height;
        this.width = width;
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        Image from = picture;
        Image to = spare;
        if (from.width() != width) {
            Resampling rows = horizontal;
            if (rows == null || !rows.fits(from.width(), width)) {
                rows = new Resampling(from.width(), width);
                horizontal = rows;
            }
            to.reshape(from.height(), width);
            rows.rows(from.pixels(), to.pixels(), Image.CHANNELS * from.height());
            Image swapped = from;
            from = to;
            to = swapped;
        }
        if (from.height() != height) {
            Resampling columns = vertical;
            if (columns == null || !columns.fits(from.height(), height)) {
                columns = new Resampling(from.height(), height);
                vertical = columns;
            }
            to.reshape(height, width);
            columns.columns(from.pixels(), to.pixels(), Image.CHANNELS, width);
            from = to;
        }
        return from;
    }

    /** Only where nothing has to be done: pictures of other sizes are resized on the host. */
    @Override
    public Optional<PictureStep> step(int ordinal, int h, int w) {
        return h == height && w == width
                ? Optional.of(PictureStep.none(ordinal))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "Resize(size=[%d, %d], interpolation=bilinear, antialias=True)",
                height,
                width);
    }
}
