package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Arrays;

/**
 * Transforms that look up what each value of a channel becomes, in place, as PIL's ImageOps has
 * them. An object is for one thread at a time.
 */
final class Tones {
    private final byte[] table = new byte[256];
    private final int[] histogram = new int[256];

    /**
     * Spreads every channel: of its smallest value l and largest h, x becomes trunc(255 / (h - l) x
     * - 255 / (h - l) l), clamped to 0 .. 255. A channel of one value stays as it is.
     */
    void autocontrast(Image image) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            count(image, c);
            int low = 0;
            while (histogram[low] == 0) {
                low++;
            }
            int high = 255;
            while (histogram[high] == 0) {
                high--;
            }
            if (high > low) {
                double scale = 255.0 / (high - low);
                double offset = -low * scale;
                for (int x = 0; x < table.length; x++) {
                    table[x] = (byte) Math.max(0, Math.min(255, (int) (x * scale + offset)));
                }
                lookUp(image, c);
            }
        }
    }

    /**
     * Makes every channel's values as frequent as each other: with n(x) the pixels of value x, and
     * s = floor((pixels - n(largest value)) / 255), x becomes floor((floor(s / 2) + n(0) + .. + n(x
     * - 1)) / s), at most 255. A channel of one value, or with s = 0, stays as it is.
     */
    void equalize(Image image) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            count(image, c);
            int high = 255;
            while (histogram[high] == 0) {
                high--;
            }
            int step = (image.plane() - histogram[high]) / 255;
            if (step == 0) {
                continue;
            }
            int n = step / 2;
            for (int x = 0; x < table.length; x++) {
                // The step was rounded down, so that the largest may exceed a byte.
                table[x] = (byte) Math.min(255, n / step);
                n += histogram[x];
            }
            lookUp(image, c);
        }
    }

    /** Keeps the upper so many bits of every value. */
    void posterize(Image image, int bits) {
        for (int x = 0; x < table.length; x++) {
            table[x] = (byte) (x & -(1 << (8 - bits)));
        }
        lookUp(image);
    }

    /** Turns x into 255 - x where x is not below the threshold. */
    void solarize(Image image, double threshold) {
        for (int x = 0; x < table.length; x++) {
            table[x] = (byte) (x < threshold ? x : 255 - x);
        }
        lookUp(image);
    }

    private void count(Image image, int c) {
        Arrays.fill(histogram, 0);
        byte[] p = image.pixels();
        int plane = image.plane();
        for (int i = c * plane; i < (c + 1) * plane; i++) {
            histogram[p[i] & 0xff]++;
        }
    }

    private void lookUp(Image image) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            lookUp(image, c);
        }
    }

    private void lookUp(Image image, int c) {
        byte[] p = image.pixels();
        int plane = image.plane();
        for (int i = c * plane; i < (c + 1) * plane; i++) {
            p[i] = table[p[i] & 0xff];
        }
    }
}
