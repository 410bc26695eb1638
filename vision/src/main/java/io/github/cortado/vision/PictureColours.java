package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * From a decoder's values to red, green and blue, with Pillow's arithmetic. Colour profiles are not
 * looked at, transparency is dropped.
 */
final class PictureColours {
    private PictureColours() {}

    /** Writes a row of red, green and blue, three values a pixel, over the decoder's own. */
    @FunctionalInterface
    private interface Row {
        /**
         * Converts width pixels.
         *
         * @param from {@code bands} values a pixel
         * @param to three values a pixel
         */
        void convert(int[] from, int[] to, int width);
    }

    /** Converts the values of a JPEG as they are in the file. */
    static Image jpeg(Raster raster, JpegHeader.Colours colours) {
        return convert(
                raster,
                switch (colours) {
                    case GREY -> grey(raster.getNumBands(), 0);
                    case RGB -> rgb(raster.getNumBands(), new int[3]);
                    case YCC -> PictureColours::ycc;
                    case CMYK -> (from, to, width) -> inks(from, to, width, 255);
                    case YCCK -> PictureColours::ycck;
                    case UNKNOWN -> throw new IllegalArgumentException("components of a JPEG");
                });
    }

    /** Converts plain inks, 0 for none and 255 for full. */
    static Image inks(Raster raster) {
        return convert(raster, (from, to, width) -> inks(from, to, width, 0));
    }

    /** Looks up what red, green and blue belong to each value, 0xrrggbb. */
    static Image palette(Raster raster, int[] rgb) {
        return convert(
                raster,
                (from, to, width) -> {
                    for (int x = 0; x < width; x++) {
                        int colour = rgb[from[x]];
                        to[3 * x] = colour >> 16 & 0xff;
                        to[3 * x + 1] = colour >> 8 & 0xff;
                        to[3 * x + 2] = colour & 0xff;
                    }
                });
    }

    /** Converts a picture of grey, of red, green and blue, or with a palette. */
    static Image of(BufferedImage picture) {
        ColorModel model = picture.getColorModel();
        Raster raster = picture.getRaster();
        int bands = raster.getNumBands();
        if (model instanceof IndexColorModel index) {
            int[] rgb = new int[index.getMapSize()];
            index.getRGBs(rgb);
            return palette(raster, rgb);
        }
        if (model instanceof DirectColorModel) {
            return convert(raster, packed(bands, model.getComponentSize()));
        }
        // getRGB would take grey to be linear light and brighten it, and convert by a profile.
        int[] drop = new int[3];
        for (int c = 0; c < Math.min(3, bands); c++) {
            drop[c] = Math.max(0, model.getComponentSize(c) - 8);
        }
        return convert(
                raster,
                model.getNumColorComponents() == 1 ? grey(bands, drop[0]) : rgb(bands, drop));
    }

    private static Image convert(Raster raster, Row row) {
        int width = raster.getWidth();
        Image image = new Image(raster.getHeight(), width);
        byte[] pixels = image.pixels();
        int plane = image.plane();
        int[] from = new int[width * raster.getNumBands()];
        int[] to = new int[3 * width];
        for (int y = 0; y < image.height(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, from);
            row.convert(from, to, width);
            for (int x = 0, i = y * width; x < width; x++, i++) {
                pixels[i] = (byte) to[3 * x];
                pixels[i + plane] = (byte) to[3 * x + 1];
                pixels[i + 2 * plane] = (byte) to[3 * x + 2];
            }
        }
        return image;
    }

    private static Row grey(int bands, int drop) {
        return (from, to, width) -> {
            for (int x = 0; x < width; x++) {
                int grey = from[x * bands] >> drop;
                to[3 * x] = grey;
                to[3 * x + 1] = grey;
                to[3 * x + 2] = grey;
            }
        };
    }

    private static Row rgb(int bands, int[] drop) {
        return (from, to, width) -> {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    to[3 * x + c] = from[x * bands + c] >> drop[c];
                }
            }
        };
    }

    /** Values of five bits or so. */
    private static Row packed(int bands, int[] bits) {
        return (from, to, width) -> {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    to[3 * x + c] = from[x * bands + c] * 255 / ((1 << bits[c]) - 1);
                }
            }
        };
    }

    /** Y, Cb and Cr, in libjpeg's fixed-point arithmetic. */
    private static void ycc(int[] from, int[] to, int width) {
        for (int i = 0; i < 3 * width; i += 3) {
            toRgb(from[i], from[i + 1], from[i + 2], to, i);
        }
    }

    private static void toRgb(int y, int cb, int cr, int[] to, int at) {
        int u = cb - 128;
        int v = cr - 128;
        // 1.402, 0.34414, 0.71414 and 1.772, with 16 fraction bits
        to[at] = clamp(y + ((91881 * v + 32768) >> 16));
        to[at + 1] = clamp(y + ((32768 - 22554 * u - 46802 * v) >> 16));
        to[at + 2] = clamp(y + ((116130 * u + 32768) >> 16));
    }

    private static int clamp(int value) {
        return (value & ~0xff) == 0 ? value : value < 0 ? 0 : 255;
    }

    /**
     * r = 255 - k - c (255 - k) / 255, rounded, and so on.
     *
     * @param none what no ink is in the file, 0 or 255
     */
    private static void inks(int[] from, int[] to, int width, int none) {
        for (int x = 0; x < width; x++) {
            int light = 255 - Math.abs(none - from[4 * x + 3]);
            for (int c = 0; c < 3; c++) {
                int product = Math.abs(none - from[4 * x + c]) * light + 128;
                to[3 * x + c] = light - (((product >> 8) + product) >> 8);
            }
        }
    }

    /** Y, Cb and Cr are of what the three inks would be as light; they are inverted in the file. */
    private static void ycck(int[] from, int[] to, int width) {
        for (int x = 0; x < width; x++) {
            toRgb(from[4 * x], from[4 * x + 1], from[4 * x + 2], to, 3 * x);
            for (int c = 0; c < 3; c++) {
                from[4 * x + c] = 255 - to[3 * x + c];
            }
        }
        inks(from, to, width, 255);
    }
}
