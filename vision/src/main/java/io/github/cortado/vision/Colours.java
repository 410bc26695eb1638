package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Brightness, contrast and saturation as PIL computes them, in place: each is a blend y = trunc(a +
 * f (x - a)) in float32, clamped to 0 .. 255, of the picture x with a degenerate one a.
 *
 * <p>These loops look up what a value becomes; {@link VectorColours} computes it. An object is for
 * one thread at a time.
 */
class Colours {
    /** Weights of red, green and blue in the luminance, 0.299, 0.587 and 0.114. */
    static final int[] WEIGHTS = {19595, 38470, 7471};

    /** Fraction bits of the weights. */
    static final int WEIGHT_BITS = 16;

    static final int HALF = 1 << (WEIGHT_BITS - 1);

    private static final float CLOSE = 0x1p-14f;

    /** Products of larger ones are no ints any more. */
    private static final float LARGEST_FACTOR = 0x1p16f;

    private final byte[] table = new byte[256];
    // For d = -255 .. 255, at d + 255.
    private final int[] steps = new int[511];

    /** A blend with one of the three degenerate pictures. */
    @FunctionalInterface
    interface Blend {
        void apply(Image image, float factor);
    }

    /** Of brightness, contrast and saturation, in this order. */
    final Blend[] blends = {this::brightness, this::contrast, this::saturation};

    Colours() {}

    /** Those that are the fastest here. */
    static Colours fastest() {
        return VectorPixels.Use.POSSIBLE ? new VectorColours() : new Colours();
    }

    /** Blends with black. */
    void brightness(Image image, float factor) {
        fillTable(0, factor);
        lookUp(image);
    }

    /** Blends with the grey of the mean luminance, rounded to an integer. */
    void contrast(Image image, float factor) {
        fillTable(meanLuminance(image), factor);
        lookUp(image);
    }

    /** Blends every pixel with its luminance. */
    void saturation(Image image, float factor) {
        byte[] p = image.pixels();
        int plane = image.plane();
        boolean exact = fillSteps(factor);
        for (int i = 0; i < plane; i++) {
            int red = p[i] & 0xff;
            int green = p[i + plane] & 0xff;
            int blue = p[i + 2 * plane] & 0xff;
            int grey = luminance(red, green, blue);
            p[i] = (byte) saturated(grey, red, factor, exact);
            p[i + plane] = (byte) saturated(grey, green, factor, exact);
            p[i + 2 * plane] = (byte) saturated(grey, blue, factor, exact);
        }
    }

    private int saturated(int grey, int value, float factor, boolean exact) {
        return exact ? clamp(grey + steps[value - grey + 255]) : blend(grey, value, factor);
    }

    /**
     * Writes floor(factor d) for d = -255 .. 255, with which a + floor(factor (x - a)), clamped, is
     * a blend without float arithmetic for each pixel; a conversion takes longer than all the rest.
     *
     * <p>Returns whether that is so for this factor: a sum below 512 is rounded by at most
     * 2<sup>-16</sup>, so it reaches the next integer only where a product comes so close to one.
     */
    private boolean fillSteps(float factor) {
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
    final int meanLuminance(Image image) {
        long plane = image.plane();
        return (int) ((2 * luminanceSum(image) + plane) / (2 * plane));
    }

    long luminanceSum(Image image) {
        byte[] p = image.pixels();
        int plane = image.plane();
        long sum = 0;
        for (int i = 0; i < plane; i++) {
            sum += luminance(p, i, plane);
        }
        return sum;
    }

    /** The luminance of pixel i. */
    static int luminance(byte[] p, int i, int plane) {
        return luminance(p[i] & 0xff, p[i + plane] & 0xff, p[i + 2 * plane] & 0xff);
    }

    /** 0.299 r + 0.587 g + 0.114 b, rounded. */
    private static int luminance(int red, int green, int blue) {
        return (red * WEIGHTS[0] + green * WEIGHTS[1] + blue * WEIGHTS[2] + HALF) >> WEIGHT_BITS;
    }

    private void fillTable(int degenerate, float factor) {
        for (int value = 0; value < 256; value++) {
            table[value] = (byte) blend(degenerate, value, factor);
        }
    }

    private void lookUp(Image image) {
        byte[] p = image.pixels();
        int length = image.length();
        for (int i = 0; i < length; i++) {
            p[i] = table[p[i] & 0xff];
        }
    }

    static int blend(int degenerate, int value, float factor) {
        return clamp((int) (degenerate + factor * (value - degenerate)));
    }

    /** One comparison where nothing is to be done, which is nearly everywhere. */
    private static int clamp(int value) {
        return (value & ~0xff) == 0 ? value : value < 0 ? 0 : 255;
    }
}
