package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/** The transforms with their parameters given: each returns a new picture. */
public final class Transforms {
    private static final double MAX_SHEAR = 80;

    private Transforms() {}

    /** Mirrors a picture left to right. */
    public static Image hflip(Image image) {
        Image flipped = image.copy();
        Geometry.flip(flipped);
        return flipped;
    }

    /**
     * Rotates a picture about its centre, anticlockwise, nearest neighbour, black corners.
     *
     * @param degrees any finite angle up to a million
     * @throws IllegalArgumentException for another angle
     */
    public static Image rotate(Image image, double degrees) {
        checkAngle("rotate", degrees, 1e6);
        long[] map = new long[6];
        Geometry.rotation(FixedPoint.of(degrees), image.height(), image.width(), map);
        return sample(image, map);
    }

    /**
     * Shears, scales, rotates about the centre and moves a picture, in this order; nearest
     * neighbour, black fill.
     *
     * @param degrees of rotation, clockwise
     * @param translateX pixels to the right
     * @param translateY pixels down
     * @param scale 1/128 to 128
     * @param shearX degrees, -80 to 80
     * @param shearY degrees, -80 to 80
     * @throws IllegalArgumentException for parameters outside these limits
     */
    public static Image affine(
            Image image,
            double degrees,
            int translateX,
            int translateY,
            double scale,
            double shearX,
            double shearY) {
        checkAngle("affine", degrees, 1e6);
        checkAngle("affine: shear", shearX, MAX_SHEAR);
        checkAngle("affine: shear", shearY, MAX_SHEAR);
        if (!validScale(scale)) {
            throw new IllegalArgumentException(
                    "affine: scale must be in [1/128, 128], got " + scale);
        }
        long[] map = new long[6];
        Geometry.Affine parameters =
                new Geometry.Affine(
                        FixedPoint.of(degrees),
                        translateX,
                        translateY,
                        FixedPoint.of(scale),
                        FixedPoint.of(shearX),
                        FixedPoint.of(shearY));
        Geometry.affine(parameters, image.height(), image.width(), map);
        return sample(image, map);
    }

    static boolean validScale(double scale) {
        return scale >= 1.0 / 128 && scale <= 128;
    }

    private static void checkAngle(String what, double degrees, double limit) {
        if (!(Math.abs(degrees) <= limit)) {
            throw new IllegalArgumentException(
                    "%s: degrees must be in [%s, %s], got %s"
                            .formatted(what, -limit, limit, degrees));
        }
    }

    private static Image sample(Image image, long[] map) {
        Image out = new Image(image.height(), image.width());
        Geometry.sample(image, map, out);
        return out;
    }

    /**
     * Blends a picture with black: 0 is black, 1 the picture, more is brighter.
     *
     * @throws IllegalArgumentException for a factor that is negative or not finite
     */
    public static Image adjustBrightness(Image image, double factor) {
        Image adjusted = image.copy();
        Colours.fastest().brightness(adjusted, factor("adjustBrightness", factor));
        return adjusted;
    }

    /**
     * Blends a picture with the grey of its mean luminance: 0 is grey, 1 the picture.
     *
     * @throws IllegalArgumentException for a factor that is negative or not finite
     */
    public static Image adjustContrast(Image image, double factor) {
        Image adjusted = image.copy();
        Colours.fastest().contrast(adjusted, factor("adjustContrast", factor));
        return adjusted;
    }

    /**
     * Blends a picture with its own luminance: 0 is black and white, 1 the picture.
     *
     * @throws IllegalArgumentException for a factor that is negative or not finite
     */
    public static Image adjustSaturation(Image image, double factor) {
        Image adjusted = image.copy();
        Colours.fastest().saturation(adjusted, factor("adjustSaturation", factor));
        return adjusted;
    }

    static float factor(String what, double factor) {
        if (!(factor >= 0 && factor <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    what + ": the factor must be 0 or more and finite, got " + factor);
        }
        return (float) factor;
    }

    /**
     * Resizes a picture, bilinear with antialias.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public static Image resize(Image image, int height, int width) {
        return new Resize(height, width).apply(image, new Draws(0));
    }

    /**
     * Cuts height x width pixels out of a picture, whose upper left one is (top, left); what lies
     * outside is black.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public static Image crop(Image image, int top, int left, int height, int width) {
        CenterCrop.requireSize("crop", height, width);
        Image out = new Image(height, width);
        Padding.NONE.copy(image, top, left, out);
        return out;
    }

    /**
     * Cuts height x width pixels out of the middle of a picture, as {@link CenterCrop} does.
     *
     * @throws IllegalArgumentException where a side is not positive
     */
    public static Image centerCrop(Image image, int height, int width) {
        return new CenterCrop(height, width).apply(image, new Draws(0));
    }

    /**
     * Puts pixels around a picture, as {@link Pad} does; {@code fill} is the colour of {@link
     * PaddingMode#CONSTANT}, one number or three, black where there is none.
     *
     * @throws IllegalArgumentException for another colour, or where negative sides leave nothing
     */
    public static Image pad(
            Image image, int left, int top, int right, int bottom, PaddingMode mode, int... fill) {
        Pad pad = new Pad(left, top, right, bottom).paddingMode(mode);
        return (fill.length == 0 ? pad : pad.fill(fill)).apply(image, new Draws(0));
    }

    /**
     * Cuts out a rectangle, which may reach beyond the picture into black, and resizes it, bilinear
     * with antialias.
     *
     * @throws IllegalArgumentException where a side of the rectangle or the result is not positive
     */
    public static Image resizedCrop(
            Image image,
            int top,
            int left,
            int height,
            int width,
            int resizedHeight,
            int resizedWidth) {
        return resize(crop(image, top, left, height, width), resizedHeight, resizedWidth);
    }

    /**
     * Paints over a rectangle of a picture.
     *
     * @param value one number for grey, or red, green and blue, 0 to 255
     * @throws IllegalArgumentException where the rectangle is not within the picture, or for other
     *     values
     */
    public static Image erase(Image image, int top, int left, int height, int width, int... value) {
        int[] colour = Padding.colour("erase: value", value);
        if (top < 0
                || left < 0
                || height < 0
                || width < 0
                || (long) top + height > image.height()
                || (long) left + width > image.width()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "erase: %d x %d pixels at (%d, %d) are not within a picture [3, %d, %d]",
                            height,
                            width,
                            top,
                            left,
                            image.height(),
                            image.width()));
        }
        Image erased = image.copy();
        RandomErasing.fill(erased, top, left, height, width, colour);
        return erased;
    }

    /** Makes a picture grey, as {@link Grayscale} does. */
    public static Image grayscale(Image image) {
        return new Grayscale(Image.CHANNELS).apply(image, new Draws(0));
    }

    /** Mirrors a picture top to bottom. */
    public static Image vflip(Image image) {
        long[] map = new long[6];
        Geometry.flipVertically(image.height(), map);
        return sample(image, map);
    }

    /**
     * Spreads every channel over 0 to 255: of its smallest value l and largest h, x becomes
     * trunc(255 (x - l) / (h - l)). A channel of one value stays as it is.
     */
    public static Image autocontrast(Image image) {
        Image adjusted = image.copy();
        new Tones().autocontrast(adjusted);
        return adjusted;
    }

    /**
     * Makes every channel's values as frequent as each other: with n(x) the pixels of value x, and
     * s = floor((pixels - n(largest value)) / 255), x becomes floor((floor(s / 2) + n(0) + .. + n(x
     * - 1)) / s). A channel of one value, or with s = 0, stays as it is.
     */
    public static Image equalize(Image image) {
        Image adjusted = image.copy();
        new Tones().equalize(adjusted);
        return adjusted;
    }

    /** Turns every value x into 255 - x. */
    public static Image invert(Image image) {
        return solarize(image, 0);
    }

    /**
     * Keeps the upper so many bits of every value.
     *
     * @throws IllegalArgumentException where bits are not 0 to 8
     */
    public static Image posterize(Image image, int bits) {
        RandomPosterize.requireBits("posterize", bits);
        Image adjusted = image.copy();
        new Tones().posterize(adjusted, bits);
        return adjusted;
    }

    /**
     * Turns x into 255 - x where x is not below the threshold.
     *
     * @throws IllegalArgumentException where the threshold is NaN
     */
    public static Image solarize(Image image, double threshold) {
        RandomSolarize.requireThreshold("solarize", threshold);
        Image adjusted = image.copy();
        new Tones().solarize(adjusted, threshold);
        return adjusted;
    }

    /**
     * Blends a picture with one that is blurred, of whose nine pixels the one in the middle weighs
     * 5/13 and the others 1/13: 0 is blurred, 1 the picture, more is sharper. The outermost pixels
     * stay as they are.
     *
     * @throws IllegalArgumentException for a factor that is negative or not finite
     */
    public static Image adjustSharpness(Image image, double factor) {
        Image adjusted = new Image(1, 1);
        Blur.sharpen(image, factor("adjustSharpness", factor), adjusted);
        return adjusted;
    }

    /**
     * Blurs a picture, as {@link GaussianBlur} does.
     *
     * @throws IllegalArgumentException where a side of the kernel is not odd and positive, a
     *     deviation not positive, or half of the kernel not smaller than the picture
     */
    public static Image gaussianBlur(
            Image image, int kernelWidth, int kernelHeight, double sigmaX, double sigmaY) {
        return GaussianBlur.blur(image, kernelWidth, kernelHeight, sigmaX, sigmaY);
    }
}
