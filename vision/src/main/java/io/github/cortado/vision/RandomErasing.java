package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Arrays;

/**
 * Paints over a rectangle of random area and aspect, with probability p.
 *
 * <p>The area is 0.02 to 0.33 of the picture's and the aspect, height by width, 0.3 to 3.3 unless
 * others are asked for. Draw 0 below p decides; draws 1 and 2 are area and aspect, and where such a
 * rectangle is not lower and narrower than the picture, the next two are, up to ten times, after
 * which the picture stays as it is. The two draws after that are its first row and column.
 *
 * <p>It is painted black unless another value is asked for. This works on 8-bit pictures, before
 * ToTensor: where torchvision's stands after Normalize, whose 0 is the mean, {@code value} of 255
 * times the mean is the same up to rounding.
 *
 * <p>Source: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random erasing data augmentation", 2017.
 */
public final class RandomErasing implements RandomlyApplied {
    private final double p;
    private final RandomSides sides;
    // Red, green and blue; none for random ones.
    private final int[] value;

    /** Erases in half of the pictures. */
    public RandomErasing() {
        this(0.5);
    }

    /**
     * Erases with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomErasing(double p) {
        this(p, new RandomSides(0.02, 0.33, 0.3, 3.3), new int[Image.CHANNELS]);
    }

    private RandomErasing(double p, RandomSides sides, int[] value) {
        this.p = RandomlyApplied.require("RandomErasing", p);
        this.sides = sides.checked("RandomErasing", 1);
        this.value = value;
    }

    /**
     * Returns this with areas in [from, to) of the picture's.
     *
     * @throws IllegalArgumentException unless 0 &lt;= from &lt;= to &lt;= 1, to not 0
     */
    public RandomErasing scale(double from, double to) {
        return new RandomErasing(p, sides.scale(from, to), value);
    }

    /**
     * Returns this with aspects, height by width, in [from, to).
     *
     * @throws IllegalArgumentException unless 0 &lt; from &lt;= to
     */
    public RandomErasing ratio(double from, double to) {
        return new RandomErasing(p, sides.ratio(from, to), value);
    }

    /**
     * Returns this that paints in another colour than black.
     *
     * @param value one number for grey, or red, green and blue, 0 to 255
     * @throws IllegalArgumentException for other numbers
     */
    public RandomErasing value(int... value) {
        return new RandomErasing(p, sides, Padding.colour("RandomErasing: value", value));
    }

    /**
     * Returns this that paints every value of every pixel at random, 0 to 255, as the paper has it,
     * by one draw each after those of the place, a channel after the other. (torchvision's normally
     * distributed numbers are meant for what is normalized already.)
     */
    public RandomErasing randomValue() {
        return new RandomErasing(p, sides, new int[0]);
    }

    @Override
    public double p() {
        return p;
    }

    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        int height = picture.height();
        int width = picture.width();
        for (int i = 0; i < RandomSides.ATTEMPTS; i++) {
            RandomSides.Sides drawn = sides.draw(picture.plane(), draws);
            int rows = drawn.first();
            int columns = drawn.second();
            if (rows < height && columns < width) {
                int top = (int) draws.fixed(0, height - rows + 1L);
                int left = (int) draws.fixed(0, width - columns + 1L);
                if (value.length == 0) {
                    scatter(picture, top, left, rows, columns, draws);
                } else {
                    fill(picture, top, left, rows, columns, value);
                }
                break;
            }
        }
        return picture;
    }

    /** Paints a rectangle within the picture. */
    static void fill(Image image, int top, int left, int rows, int columns, int[] colour) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int row = top; row < top + rows; row++) {
                int from = (c * image.height() + row) * image.width() + left;
                Arrays.fill(image.pixels(), from, from + columns, (byte) colour[c]);
            }
        }
    }

    private static void scatter(
            Image image, int top, int left, int rows, int columns, Draws draws) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int row = top; row < top + rows; row++) {
                int from = (c * image.height() + row) * image.width() + left;
                for (int i = from; i < from + columns; i++) {
                    image.pixels()[i] = (byte) draws.fixed(0, 256);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "RandomErasing(p=%s, %s, value=%s)"
                .formatted(p, sides, value.length == 0 ? "random" : Arrays.toString(value));
    }
}
