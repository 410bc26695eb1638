package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Locale;

/**
 * Blurs a picture by a Gaussian whose deviation in pixels is random: 0.1 to 2 unless another is
 * asked for, by draw 0.
 *
 * <p>y = sum of w(i) w(j) x(row + i, column + j), rounded, over a kernel of odd sides; the picture
 * is mirrored at its border without the outermost pixels. w are exp(-t² / (2 sigma²)) at t = .. -1,
 * 0, 1 .., divided by their sum, in float32. They are summed up in double; torchvision's sums, in
 * float32, are rounded the other way where they come within some 1e-4 of a half.
 */
public final class GaussianBlur implements PictureTransform {
    private final int kernelWidth;
    private final int kernelHeight;
    private final double sigmaFrom;
    private final double sigmaTo;

    /** Has a square kernel. */
    public GaussianBlur(int kernelSize) {
        this(kernelSize, kernelSize);
    }

    /**
     * Has a kernel of two sides; the width first, as in torchvision.
     *
     * @throws IllegalArgumentException where a side is not odd and positive
     */
    public GaussianBlur(int kernelWidth, int kernelHeight) {
        this(kernelWidth, kernelHeight, 0.1, 2);
    }

    private GaussianBlur(int kernelWidth, int kernelHeight, double sigmaFrom, double sigmaTo) {
        requireKernel("GaussianBlur", kernelWidth, kernelHeight);
        if (!(sigmaFrom > 0 && sigmaFrom <= sigmaTo && sigmaTo <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "GaussianBlur: sigma must be a range of positive numbers, got (%s, %s)"
                            .formatted(sigmaFrom, sigmaTo));
        }
        this.kernelWidth = kernelWidth;
        this.kernelHeight = kernelHeight;
        this.sigmaFrom = sigmaFrom;
        this.sigmaTo = sigmaTo;
    }

    private static void requireKernel(String who, int width, int height) {
        if (width <= 0 || width % 2 == 0 || height <= 0 || height % 2 == 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: sides of the kernel must be odd and positive, got %d x %d",
                            who,
                            width,
                            height));
        }
    }

    /**
     * Returns this with deviations in [from, to).
     *
     * @throws IllegalArgumentException unless 0 &lt; from &lt;= to
     */
    public GaussianBlur sigma(double from, double to) {
        return new GaussianBlur(kernelWidth, kernelHeight, from, to);
    }

    /** Returns this with one deviation. */
    public GaussianBlur sigma(double sigma) {
        return sigma(sigma, sigma);
    }

    /**
     * Blurs a picture.
     *
     * @throws IllegalArgumentException where it has no pixels to be mirrored: half of the kernel's
     *     width, rounded down, must be below its width, and so for the heights
     */
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        double sigma = draws.uniform((float) sigmaFrom, (float) sigmaTo);
        requireSize("GaussianBlur", picture, kernelWidth, kernelHeight);
        float[] horizontal = Blur.gaussian(kernelWidth, sigma);
        float[] vertical =
                kernelWidth == kernelHeight ? horizontal : Blur.gaussian(kernelHeight, sigma);
        Blur.convolve(picture, horizontal, vertical, draws.doubles(picture.plane()), spare);
        return spare;
    }

    /** A whole blur with given parameters. */
    static Image blur(Image picture, int width, int height, double sigmaX, double sigmaY) {
        requireKernel("gaussianBlur", width, height);
        for (double sigma : new double[] {sigmaX, sigmaY}) {
            if (!(sigma > 0 && sigma <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "gaussianBlur: sigma must be positive and finite, got " + sigma);
            }
        }
        requireSize("gaussianBlur", picture, width, height);
        Image out = new Image(1, 1);
        float[] horizontal = Blur.gaussian(width, sigmaX);
        float[] vertical = Blur.gaussian(height, sigmaY);
        Blur.convolve(picture, horizontal, vertical, new double[picture.plane()], out);
        return out;
    }

    private static void requireSize(String who, Image picture, int width, int height) {
        if (width / 2 >= picture.width() || height / 2 >= picture.height()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: a kernel %d wide and %d high needs more than %d columns and %d"
                                    + " rows, got a picture [3, %d, %d]",
                            who,
                            width,
                            height,
                            width / 2,
                            height / 2,
                            picture.height(),
                            picture.width()));
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "GaussianBlur(kernel_size=(%d, %d), sigma=[%s, %s])",
                kernelWidth,
                kernelHeight,
                sigmaFrom,
                sigmaTo);
    }
}
