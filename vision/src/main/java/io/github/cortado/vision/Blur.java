package io.github.cortado.vision;

import io.github.cortado.data.Image;

/** Pictures with every pixel a weighted mean of those around it. */
final class Blur {
    private Blur() {}

    /**
     * Blends a picture with one that is blurred a little, as PIL's ImageEnhance.Sharpness does: of
     * nine pixels, the one in the middle weighs 5/13 and the others 1/13; the outermost ones, and
     * pictures less than three pixels high or wide, are not blurred.
     */
    static void sharpen(Image image, float factor, Image out) {
        out.set(image);
        byte[] p = image.pixels();
        byte[] to = out.pixels();
        int height = image.height();
        int width = image.width();
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int y = 1; y < height - 1; y++) {
                int row = (c * height + y) * width;
                for (int i = row + 1; i < row + width - 1; i++) {
                    int value = p[i] & 0xff;
                    int sum =
                            column(p, i - 1, width)
                                    + column(p, i, width)
                                    + column(p, i + 1, width)
                                    + 4 * value;
                    // sum / 13, rounded; an odd divisor knows no halves.
                    int blurred = (2 * sum + 13) / 26;
                    to[i] = (byte) Colours.blend(blurred, value, factor);
                }
            }
        }
    }

    private static int column(byte[] p, int i, int width) {
        return (p[i - width] & 0xff) + (p[i] & 0xff) + (p[i + width] & 0xff);
    }

    /**
     * The weights of a Gaussian of so many places, which add up to one: exp(-(x / sigma)²), divided
     * by their sum, where x are as many numbers from -(size - 1) / sqrt(8) to the opposite. In
     * float32, as in torchvision.
     */
    static float[] gaussian(int size, double sigma) {
        float limit = (float) ((size - 1) / (2 * Math.sqrt(2)));
        float step = size == 1 ? 0 : (limit + limit) / (size - 1);
        float[] weights = new float[size];
        float sum = 0;
        for (int i = 0; i < size; i++) {
            // From both ends, so that both halves are the same.
            float x = i < size / 2 ? step * i - limit : limit - step * (size - 1 - i);
            float scaled = x / (float) sigma;
            weights[i] = scaled * scaled;
        }
        // Less the largest exponent, which is that of the middle.
        float least = weights[size / 2];
        for (int i = 0; i < size; i++) {
            weights[i] = (float) StrictMath.exp(least - weights[i]);
            sum += weights[i];
        }
        for (int i = 0; i < size; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    /**
     * Makes every value a mean of those around it, mirrored at the border, by the products of two
     * rows of weights, rounded.
     *
     * @param rows scratch memory for a plane
     */
    static void convolve(
            Image image, float[] horizontal, float[] vertical, double[] rows, Image out) {
        int height = image.height();
        int width = image.width();
        int plane = image.plane();
        out.reshape(height, width);
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int y = 0; y < height; y++) {
                row(image.pixels(), c * plane + y * width, width, horizontal, rows, y * width);
            }
            for (int y = 0; y < height; y++) {
                column(rows, y, height, width, vertical, out.pixels(), c * plane + y * width);
            }
        }
    }

    private static void row(
            byte[] p, int from, int width, float[] weights, double[] to, int offset) {
        int half = weights.length / 2;
        for (int x = 0; x < width; x++) {
            double sum = 0;
            if (x >= half && x + half < width) {
                for (int k = 0; k < weights.length; k++) {
                    sum += weights[k] * (double) (p[from + x - half + k] & 0xff);
                }
            } else {
                for (int k = 0; k < weights.length; k++) {
                    int at = PaddingMode.REFLECT.source(x - half + k, width);
                    sum += weights[k] * (double) (p[from + at] & 0xff);
                }
            }
            to[offset + x] = sum;
        }
    }

    private static void column(
            double[] rows, int y, int height, int width, float[] weights, byte[] to, int offset) {
        int half = weights.length / 2;
        for (int x = 0; x < width; x++) {
            double sum = 0;
            for (int k = 0; k < weights.length; k++) {
                int at = PaddingMode.REFLECT.source(y - half + k, height);
                sum += weights[k] * rows[at * width + x];
            }
            to[offset + x] = (byte) Math.max(0, Math.min(255, (int) Math.rint(sum)));
        }
    }
}
