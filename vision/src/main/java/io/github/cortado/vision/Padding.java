package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Arrays;
import java.util.Locale;

/**
 * What is put around a picture: pixels on each side, of which negative numbers are cut off first,
 * and what they look like.
 */
record Padding(
        int left, int top, int right, int bottom, PaddingMode mode, int red, int green, int blue) {
    private static final int MOST = 1 << 24;

    /** Nothing around the picture; what is asked for beyond it is black. */
    static final Padding NONE = new Padding(0, 0, 0, 0);

    Padding {
        for (int side : new int[] {left, top, right, bottom}) {
            if (Math.abs((long) side) > MOST) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "padding must be in [%d, %d] on every side, got %d",
                                -MOST,
                                MOST,
                                side));
            }
        }
    }

    Padding(int left, int top, int right, int bottom) {
        this(left, top, right, bottom, PaddingMode.CONSTANT, 0, 0, 0);
    }

    Padding(int left, int top, int right, int bottom, PaddingMode mode, int[] fill) {
        this(left, top, right, bottom, mode, fill[0], fill[1], fill[2]);
    }

    /**
     * Returns red, green and blue of a colour given by one number or by three.
     *
     * @throws IllegalArgumentException for another number of them, or one that is no byte
     */
    static int[] colour(String what, int... values) {
        boolean bytes = Arrays.stream(values).allMatch(value -> value >= 0 && value <= 255);
        if (values.length != 1 && values.length != Image.CHANNELS || !bytes) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s must be one number or three, each in [0, 255], got %s",
                            what,
                            Arrays.toString(values)));
        }
        return values.length == 1 ? new int[] {values[0], values[0], values[0]} : values.clone();
    }

    Padding fill(int[] colour) {
        return new Padding(left, top, right, bottom, mode, colour);
    }

    Padding mode(PaddingMode other) {
        return new Padding(left, top, right, bottom, other, red, green, blue);
    }

    /** Returns this with so many more pixels above, below, left and right. */
    Padding plus(int vertical, int horizontal) {
        return new Padding(
                left + horizontal,
                top + vertical,
                right + horizontal,
                bottom + vertical,
                mode,
                red,
                green,
                blue);
    }

    boolean isNothing() {
        return left == 0 && top == 0 && right == 0 && bottom == 0;
    }

    /** The height of a padded picture. */
    int height(int height) {
        return Math.addExact(Math.addExact(height, top), bottom);
    }

    /** The width of a padded picture. */
    int width(int width) {
        return Math.addExact(Math.addExact(width, left), right);
    }

    /**
     * Throws where less than a pixel of the picture is left inside.
     *
     * @throws IllegalArgumentException naming who asks and the sizes
     */
    void check(String who, int height, int width) {
        boolean rows = (long) height + Math.min(0, top) + Math.min(0, bottom) > 0;
        boolean columns = (long) width + Math.min(0, left) + Math.min(0, right) > 0;
        if (!rows || !columns) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: padding (%s) leaves nothing of a picture [3, %d, %d]",
                            who,
                            sides(),
                            height,
                            width));
        }
    }

    /**
     * Copies the rectangle of the padded picture that begins at (y, x) and has the size of {@code
     * out}; all beyond the padding is as in it.
     */
    void copy(Image in, int y, int x, Image out) {
        // Seen from the picture that is left once negative sides are cut off.
        int cutTop = Math.max(0, -top);
        int cutLeft = Math.max(0, -left);
        int rows = in.height() - cutTop - Math.max(0, -bottom);
        int columns = in.width() - cutLeft - Math.max(0, -right);
        int firstRow = y - Math.max(0, top);
        int firstColumn = x - Math.max(0, left);
        int height = out.height();
        int width = out.width();
        int begin = (int) Math.max(0, Math.min(width, -(long) firstColumn));
        int end = (int) Math.max(begin, Math.min(width, (long) columns - firstColumn));
        byte[] from = in.pixels();
        byte[] to = out.pixels();
        for (int c = 0; c < Image.CHANNELS; c++) {
            byte colour = (byte) (c == 0 ? red : c == 1 ? green : blue);
            for (int row = 0; row < height; row++) {
                int o = (c * height + row) * width;
                int source = mode.source(firstRow + row, rows);
                if (source < 0) {
                    Arrays.fill(to, o, o + width, colour);
                    continue;
                }
                int i = (c * in.height() + cutTop + source) * in.width() + cutLeft;
                if (end > begin) {
                    System.arraycopy(from, i + firstColumn + begin, to, o + begin, end - begin);
                }
                // Left and right of what was copied.
                for (int column = begin > 0 ? 0 : end;
                        column < width;
                        column = column + 1 == begin ? end : column + 1) {
                    int at = mode.source(firstColumn + column, columns);
                    to[o + column] = at < 0 ? colour : from[i + at];
                }
            }
        }
    }

    String sides() {
        return String.format(Locale.ROOT, "%d, %d, %d, %d", left, top, right, bottom);
    }

    String look() {
        return String.format(
                Locale.ROOT, "fill=(%d, %d, %d), padding_mode=%s", red, green, blue, mode);
    }
}
