package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/**
 * Cuts out a rectangle of random area and aspect and resizes it to height x width: bilinear with
 * antialias, as {@link Resize} does.
 *
 * <p>The area is 0.08 to 1 of the picture's and the aspect, width by height, 3/4 to 4/3 unless
 * others are asked for. Draws 0 and 1 are area and aspect; where such a rectangle does not fit, the
 * next two are, up to ten times. The two draws after that are its first row and column. Where none
 * of ten fits, the middle of the picture is taken, as much of it as the ratio allows.
 */
public final class RandomResizedCrop implements PictureTransform {
    private final RandomSides sides;
    private final int height;
    private final int width;
    private final Resize resize;

    /** A rectangle of a picture. */
    private record Box(int top, int left, int height, int width) {}

    /** Makes squares. */
    public RandomResizedCrop(int size) {
        this(size, size);
    }

    /**
     * Makes pictures of height x width pixels.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public RandomResizedCrop(int height, int width) {
        this(height, width, new RandomSides(0.08, 1, 3.0 / 4, 4.0 / 3));
    }

    private RandomResizedCrop(int height, int width, RandomSides sides) {
        CenterCrop.requireSize("RandomResizedCrop", height, width);
        this.height = height;
        this.width = width;
        this.sides = sides.checked("RandomResizedCrop", Float.MAX_VALUE);
        this.resize = new Resize(height, width);
    }

    /**
     * Returns this with areas in [from, to) of the picture's.
     *
     * @throws IllegalArgumentException unless 0 &lt;= from &lt;= to, to not 0
     */
    public RandomResizedCrop scale(double from, double to) {
        return new RandomResizedCrop(height, width, sides.scale(from, to));
    }

    /**
     * Returns this with aspects, width by height, in [from, to).
     *
     * @throws IllegalArgumentException unless 0 &lt; from &lt;= to
     */
    public RandomResizedCrop ratio(double from, double to) {
        return new RandomResizedCrop(height, width, sides.ratio(from, to));
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        Box box = box(picture.height(), picture.width(), draws);
        spare.reshape(box.height, box.width);
        Padding.NONE.copy(picture, box.top, box.left, spare);
        return resize.apply(spare, picture, draws);
    }

    private Box box(int h, int w, Draws draws) {
        for (int i = 0; i < RandomSides.ATTEMPTS; i++) {
            RandomSides.Sides drawn = sides.draw(h * w, draws);
            int columns = drawn.first();
            int rows = drawn.second();
            if (rows > 0 && rows <= h && columns > 0 && columns <= w) {
                int top = (int) draws.fixed(0, h - rows + 1L);
                int left = (int) draws.fixed(0, w - columns + 1L);
                return new Box(top, left, rows, columns);
            }
        }
        double aspect = (double) w / h;
        int rows = h;
        int columns = w;
        // At least a pixel, where torchvision has none and fails.
        if (aspect < sides.ratioFrom()) {
            rows = Math.max(1, RandomSides.round(w / sides.ratioFrom()));
        } else if (aspect > sides.ratioTo()) {
            columns = Math.max(1, RandomSides.round(h * sides.ratioTo()));
        }
        return new Box((h - rows) / 2, (w - columns) / 2, rows, columns);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "RandomResizedCrop(size=(%d, %d), %s, interpolation=bilinear, antialias=True)",
                height,
                width,
                sides);
    }
}
