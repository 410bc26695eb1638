package io.github.cortado.data;

/**
 * Brightness, contrast and saturation as PIL computes them, in place: each is a blend y = trunc(a +
 * f (x - a)) in float32, clamped to 0 .. 255, of the picture x with a degenerate one a.
 */
final class Colours {
    /** Numbers that {@link #saturation} needs scratch memory for. */
    static final int STEPS = 511;

    private static final float CLOSE = 0x1p-14f;

    /** Products of larger ones are no ints any more. */
    private static final float LARGEST_FACTOR = 0x1p16f;

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

    /**
     * Blends every pixel with its luminance.
     *
     * @param steps scratch memory of {@link #STEPS} numbers
     */
    static void saturation(Image image, float factor, int[] steps) {
        byte[] p = image.pixels();
        int plane = image.plane();
        boolean exact = fillSteps(factor, steps);
        for (int i = 0; i < plane; i++) {
            int red = p[i] & 0xff;
            int green = p[i + plane] & 0xff;
            int blue = p[i + 2 * plane] & 0xff;
            int grey = luminance(red, green, blue);
            p[i] = (byte) saturated(grey, red, factor, exact, steps);
            p[i + plane] = (byte) saturated(grey, green, factor, exact, steps);
            p[i + 2 * plane] = (byte) saturated(grey, blue, factor, exact, steps);
        }
    }

    private static int saturated(int grey, int value, float factor, boolean exact, int[] steps) {
        return exact ? clamp(grey + steps[value - grey + 255]) : blend(grey, value, factor);
    }

    /**
     * Writes floor(factor d) for d = -255 .. 255, with which a + floor(factor (x - a)), clamped, is
     * a blend without float arithmetic for each pixel; a conversion takes longer than all the rest.
     *
     * <p>Returns whether that is so for this factor: a sum below 512 is rounded by at most
     * 2<sup>-16</sup>, so it reaches the next integer only where a product comes so close to one.
     */
    private static boolean fillSteps(float factor, int[] steps) {
        boolean exact = factor <= LARGEST_FACTOR;
        for (int d = -255; d <= 255; d++) {
            float product = factor * d;
            int towardsZero = (int) product;
            int floor = towardsZero > product ? towardsZero - 1 : towardsZero;
            exact &= product - floor <= 1 - CLOSE;
            steps[d + 255] = floor;
        }
        return exact;
    }

    /** floor(mean of the luminances + 1/2). */
    private static int meanLuminance(Image image) {
        byte[] p = image.pixels();
        int plane = image.plane();
        long sum = 0;
        for (int i = 0; i < plane; i++) {
            sum += luminance(p[i] & 0xff, p[i + plane] & 0xff, p[i + 2 * plane] & 0xff);
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
        return clamp((int) (degenerate + factor * (value - degenerate)));
    }

    /** One comparison where nothing is to be done, which is nearly everywhere. */
    private static int clamp(int value) {
        return (value & ~0xff) == 0 ? value : value < 0 ? 0 : 255;
    }
}
