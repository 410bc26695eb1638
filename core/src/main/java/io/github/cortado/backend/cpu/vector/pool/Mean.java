package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The mean of any {@link Windows}, whose borders are 0, and its gradient, which is added window by
 * window, in ascending order.
 */
final class Mean {
    private final Pool2dSpec s;
    private final Windows windows;
    private final int[] distance;

    /** The rows, and the columns, that count in each window's divisor. */
    private final float[] down;

    private final float[] across;

    Mean(Pool2dSpec s) {
        this.s = s;
        windows = new Windows(s);
        distance = windows.distances();
        down = counts(s.outH(), s.strideH(), s.padH(), s.kernelH(), s.h(), s);
        across = counts(s.outW(), s.strideW(), s.padW(), s.kernelW(), s.w(), s);
    }

    private static float[] counts(
            int windows, int stride, int pad, int kernel, int size, Pool2dSpec s) {
        float[] counts = new float[windows];
        for (int i = 0; i < windows; i++) {
            int begin = i * stride - pad;
            int end = Math.min(begin + kernel, size + pad);
            counts[i] =
                    s.countIncludePad() ? end - begin : Math.min(end, size) - Math.max(begin, 0);
        }
        return counts;
    }

    /** y = mean of each window. */
    void mean(HostBuffer.Floats x, HostBuffer.Floats y) {
        float[] means = y.array();
        int yo = y.offset();
        windows.forStrips(
                x,
                0f,
                (laidOut, positions, values, places) -> sums(laidOut, positions, values),
                (values, places, from, plane, row) -> {
                    int out = yo + (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        means[out + j] = values[from + j] / (down[row] * across[j]);
                    }
                });
    }

    private void sums(float[] x, int positions, float[] values) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int d : distance) {
                sum = FloatVector.fromArray(SPECIES, x, p + d).add(sum);
            }
            sum.intoArray(values, p);
        }
    }

    /** dx = the sum of dy / divisor of the windows that an element belongs to. */
    void grad(HostBuffer.Floats dy, HostBuffer.Floats dx) {
        float[] gradients = dy.array();
        float[] sums = dx.array();
        int go = dy.offset();
        int to = dx.offset();
        EachPlane.run(
                s,
                plane -> {
                    int first = to + plane * s.h() * s.w();
                    Arrays.fill(sums, first, first + s.h() * s.w(), 0f);
                    for (int row = 0; row < s.outH(); row++) {
                        int g = go + (plane * s.outH() + row) * s.outW();
                        for (int j = 0; j < s.outW(); j++) {
                            float share = gradients[g + j] / (down[row] * across[j]);
                            addToWindow(sums, first, row, j, share);
                        }
                    }
                });
    }

    private void addToWindow(float[] dx, int first, int row, int column, float share) {
        int top = row * s.strideH() - s.padH();
        int left = column * s.strideW() - s.padW();
        int bottom = Math.min(top + s.kernelH(), s.h());
        int right = Math.min(left + s.kernelW(), s.w());
        for (int i = Math.max(top, 0); i < bottom; i++) {
            int at = first + i * s.w();
            for (int j = Math.max(left, 0); j < right; j++) {
                dx[at + j] += share;
            }
        }
    }
}
