package io.github.cortado.vision;

import java.util.Arrays;

/**
 * The weights of one axis of PIL's bilinear resize with antialias: a triangle as wide as two output
 * pixels when shrinking, as two input pixels when enlarging, cut at the border and normalised, with
 * 22 fraction bits.
 */
final class Resampling {
    private static final int BITS = 22;

    private final int in;
    private final int out;
    private final int[] first;
    private final int[] count;
    private final int[] weights;
    private final int stride;

    Resampling(int in, int out) {
        this.in = in;
        this.out = out;
        double scale = (double) in / out;
        double support = Math.max(1, scale);
        stride = (int) Math.ceil(support) * 2 + 1;
        first = new int[out];
        count = new int[out];
        weights = new int[Math.multiplyExact(out, stride)];
        double[] w = new double[stride];
        for (int i = 0; i < out; i++) {
            double centre = (i + 0.5) * scale;
            first[i] = Math.max(0, (int) (centre - support + 0.5));
            count[i] = Math.min(in, (int) (centre + support + 0.5)) - first[i];
            double sum = 0;
            for (int k = 0; k < count[i]; k++) {
                double distance = Math.abs((k + first[i] - centre + 0.5) * (1 / support));
                w[k] = Math.max(0, 1 - distance);
                sum += w[k];
            }
            for (int k = 0; k < count[i]; k++) {
                weights[i * stride + k] = (int) (0.5 + w[k] / sum * (1 << BITS));
            }
        }
    }

    boolean fits(int in, int out) {
        return this.in == in && this.out == out;
    }

    /** Resizes rows of length in to rows of length out. */
    void rows(byte[] from, byte[] to, int rows) {
        for (int row = 0; row < rows; row++) {
            int base = row * in;
            for (int i = 0; i < out; i++) {
                int sum = 1 << (BITS - 1);
                for (int k = 0; k < count[i]; k++) {
                    sum += (from[base + first[i] + k] & 0xff) * weights[i * stride + k];
                }
                to[row * out + i] = clamp(sum);
            }
        }
    }

    /** Resizes planes of in x width to planes of out x width. */
    void columns(byte[] from, byte[] to, int planes, int width) {
        int[] sums = new int[width];
        for (int plane = 0; plane < planes; plane++) {
            for (int i = 0; i < out; i++) {
                Arrays.fill(sums, 1 << (BITS - 1));
                for (int k = 0; k < count[i]; k++) {
                    int row = (plane * in + first[i] + k) * width;
                    int weight = weights[i * stride + k];
                    for (int x = 0; x < width; x++) {
                        sums[x] += (from[row + x] & 0xff) * weight;
                    }
                }
                int base = (plane * out + i) * width;
                for (int x = 0; x < width; x++) {
                    to[base + x] = clamp(sums[x]);
                }
            }
        }
    }

    private static byte clamp(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> BITS));
    }
}
