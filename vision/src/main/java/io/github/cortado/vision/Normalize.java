package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.Arrays;
import java.util.Locale;

/** Subtracts a mean from each channel and divides by a deviation: y = (x - mean) / std, float32. */
public final class Normalize implements Transform {
    private final float[] mean;
    private final float[] std;

    /** Treats the three channels alike. */
    public Normalize(double mean, double std) {
        this(new double[] {mean, mean, mean}, new double[] {std, std, std});
    }

    /**
     * Has a mean and a deviation for each of the three channels.
     *
     * @throws IllegalArgumentException unless there are three of each, finite, and no std is 0
     */
    public Normalize(double[] mean, double[] std) {
        if (mean.length != Image.CHANNELS || std.length != Image.CHANNELS) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Normalize: pictures have 3 channels, got %d means and %d deviations",
                            mean.length,
                            std.length));
        }
        this.mean = new float[Image.CHANNELS];
        this.std = new float[Image.CHANNELS];
        for (int c = 0; c < Image.CHANNELS; c++) {
            this.mean[c] = (float) mean[c];
            this.std[c] = (float) std[c];
            if (!Float.isFinite(this.mean[c]) || !Float.isFinite(this.std[c]) || this.std[c] == 0) {
                throw new IllegalArgumentException(
                        "Normalize: mean must be finite and std finite and not 0, got mean %s, std %s"
                                .formatted(Arrays.toString(mean), Arrays.toString(std)));
            }
        }
    }

    /** Returns (x - mean) / std of channel c. */
    float apply(int c, float x) {
        return (x - mean[c]) / std[c];
    }

    /** Normalizes a whole picture [3, plane] in place. */
    void apply(float[] x, int offset, int plane) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            float subtracted = mean[c];
            float divisor = std[c];
            int end = offset + (c + 1) * plane;
            for (int i = offset + c * plane; i < end; i++) {
                x[i] = (x[i] - subtracted) / divisor;
            }
        }
    }

    @Override
    public String toString() {
        return "Normalize(mean=%s, std=%s)".formatted(Arrays.toString(mean), Arrays.toString(std));
    }
}
