package io.github.cortado.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * An 8-bit RGB picture in three planes, [3, height, width]: red first, rows from the top.
 *
 * <p>The picture is mutable and keeps its memory when it takes another size, so that one can be
 * used for many pictures in turn.
 */
public final class Image {
    /** Red, green and blue. */
    public static final int CHANNELS = 3;

    private byte[] pixels;
    private int height;
    private int width;

    /**
     * Makes a black picture.
     *
     * @throws IllegalArgumentException where a side is not positive or the picture exceeds 2 GiB
     */
    public Image(int height, int width) {
        pixels = new byte[bytes(height, width)];
        this.height = height;
        this.width = width;
    }

    /**
     * Makes a picture from a copy of its three planes.
     *
     * @param planes red, green and blue, each height x width
     * @throws IllegalArgumentException where the array has another length than 3 height width
     */
    public static Image of(byte[] planes, int height, int width) {
        if (planes.length != bytes(height, width)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "image: [3, %d, %d] has %d bytes, got %d",
                            height,
                            width,
                            bytes(height, width),
                            planes.length));
        }
        Image image = new Image(height, width);
        image.set(planes, 0, height, width);
        return image;
    }

    /** Returns the height in pixels. */
    public int height() {
        return height;
    }

    /** Returns the width in pixels. */
    public int width() {
        return width;
    }

    /** Returns the pixels of a plane, height x width. */
    public int plane() {
        return height * width;
    }

    /** Returns the bytes of the picture, 3 x height x width. */
    public int length() {
        return CHANNELS * height * width;
    }

    /**
     * Returns the memory itself: value (c, y, x) is at (c height + y) width + x, and what lies
     * behind {@link #length()} means nothing.
     */
    public byte[] pixels() {
        return pixels;
    }

    /**
     * Returns the value 0 to 255 of channel c at row y, column x.
     *
     * @throws IndexOutOfBoundsException outside the picture
     */
    public int get(int c, int y, int x) {
        return pixels[index(c, y, x)] & 0xff;
    }

    /**
     * Sets the value of channel c at row y, column x to the lower eight bits of value.
     *
     * @throws IndexOutOfBoundsException outside the picture
     */
    public void set(int c, int y, int x, int value) {
        pixels[index(c, y, x)] = (byte) value;
    }

    private int index(int c, int y, int x) {
        Objects.checkIndex(c, CHANNELS);
        Objects.checkIndex(y, height);
        Objects.checkIndex(x, width);
        return (c * height + y) * width + x;
    }

    /**
     * Takes another size; the pixels are undefined until written.
     *
     * @throws IllegalArgumentException where a side is not positive or the picture exceeds 2 GiB
     */
    public void reshape(int height, int width) {
        int bytes = bytes(height, width);
        if (pixels.length < bytes) {
            pixels = new byte[bytes];
        }
        this.height = height;
        this.width = width;
    }

    /**
     * Takes size and pixels from {@code planes[offset ..]}.
     *
     * @throws IndexOutOfBoundsException where the array ends before the picture does
     */
    public void set(byte[] planes, int offset, int height, int width) {
        Objects.checkFromIndexSize(offset, bytes(height, width), planes.length);
        reshape(height, width);
        System.arraycopy(planes, offset, pixels, 0, length());
    }

    /** Takes size and pixels from another picture. */
    public void set(Image other) {
        set(other.pixels, 0, other.height, other.width);
    }

    /** Returns a picture of its own with the same pixels. */
    public Image copy() {
        return Image.of(toBytes(), height, width);
    }

    /** Returns the three planes, exactly 3 height width bytes. */
    public byte[] toBytes() {
        return Arrays.copyOf(pixels, length());
    }

    private static int bytes(int height, int width) {
        if (height <= 0 || width <= 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "image: height and width must be positive, got [3, %d, %d]",
                            height,
                            width));
        }
        long bytes = (long) CHANNELS * height * width;
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "image: [3, %d, %d] exceeds 2 GiB", height, width));
        }
        return (int) bytes;
    }

    /** True for a picture of the same size with the same pixels. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Image image
                && image.height == height
                && image.width == width
                && Arrays.equals(image.pixels, 0, length(), pixels, 0, length());
    }

    @Override
    public int hashCode() {
        int hash = 31 * height + width;
        for (int i = 0; i < length(); i++) {
            hash = 31 * hash + pixels[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return "Image[3, " + height + ", " + width + "]";
    }
}
