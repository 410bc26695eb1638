package io.github.cortado.data;

/**
 * Brightness, contrast and saturation as PIL computes them, in place: each is a blend y = trunc(a +
 * f (x - a)) in float32, clamped to 0 .. 255, of the picture x with a degenerate one a.
 */
final class Colours {
    private Colours() {}

    /** Blends with black. */
    static void brightness(Image image, float factor, byte[] table) {
        blendTable(0, factor, table);
        lookUp(image, table);
    }

    /** Blends with the grey of the mean luminance, rounded to an integer. */
    static void contrast(Image image, float factor, byte[] table) {
        blendTable(meanLuminance(image), factor, table);
        lookUp(image, table);
    }

    /** Blends every pixel with its luminance. */
    static void saturation(Image image, float factor) {
        byte[] p = image.pixels();
        int plane = image.plane();
        for (int r = 0, g = plane, b = 2 * plane; r < plane; r++, g++, b++) {
            int red = p[r] & 0xff;
            int green = p[g] & 0xff;
            int blue = p[b] & 0xff;
            int grey = luminance(red, green, blue);
            p[r] = (byte) blend(grey, red, factor);
            p[g] = (byte) blend(grey, green, factor);
            p[b] = (byte) blend(grey, blue, factor);
        }
    }

    /** floor(mean of the luminances + 1/2). */
    private static int meanLuminance(Image image) {
        byte[] p = image.pixels();
        int plane = image.plane();
        long sum = 0;
        for (int r = 0, g = plane, b = 2 * plane; r < plane; r++, g++, b++) {
            sum += luminance(p[r] & 0xff, p[g] & 0xff, p[b] & 0xff);
        }
        return (int) ((2 * sum + plane) / (2L * plane));
    }

    /** 0.299 r + 0.587 g + 0.114 b with 16 fraction bits, rounded. */
    private static int luminance(int red, int green, int blue) {
        return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    }

    private static void blendTable(int degenerate, float factor, byte[] table) {
        for (int value = 0; value < 256; value++) {
            table[value] = (byte) blend(degenerate, value, factor);
        }
    }

    private static void lookUp(Image image, byte[] table) {
        byte[] p = image.pixels();
        int length = image.length();
        for (int i = 0; i < length; i++) {
            p[i] = table[p[i] & 0xff];
        }
    }

    private static int blend(int degenerate, int value, float factor) {
        int blended = (int) (degenerate + factor * (value - degenerate));
        return Math.max(0, Math.min(255, blended));
    }
}
