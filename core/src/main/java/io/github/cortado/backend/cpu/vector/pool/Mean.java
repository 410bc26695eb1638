package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** The mean of any {@link Windows}, whose borders are 0, and its gradient. */
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

    /**
     * dx = the sum of dy / divisor of the windows that an element belongs to: those of a row of
     * windows are added up once, and then to each row of the picture that they reach.
     */
    void grad(HostBuffer.Floats dy, HostBuffer.Floats dx) {
        float[] gradients = dy.array();
        float[] sums = dx.array();
        EachPlane.run(
                s,
                plane -> {
                    float[] line = Scratch.ROW.floats(s.w());
                    int first = dx.offset() + plane * s.h() * s.w();
                    Arrays.fill(sums, first, first + s.h() * s.w(), 0f);
                    for (int row = 0; row < s.outH(); row++) {
                        int g = dy.offset() + (plane * s.outH() + row) * s.outW();
                        shares(gradients, g, down[row], line);
                        int top = row * s.strideH() - s.padH();
                        int bottom = Math.min(top + s.kernelH(), s.h());
                        for (int i = Math.max(top, 0); i < bottom; i++) {
                            addTo(sums, first + i * s.w(), line, s.w());
                        }
                    }
                });
    }

    /** What a row of windows adds to each of the rows that it reaches. */
    private void shares(float[] dy, int g, float rows, float[] line) {
        Arrays.fill(line, 0, s.w(), 0f);
        for (int j = 0; j < s.outW(); j++) {
            float share = dy[g + j] / (rows * across[j]);
            int left = j * s.strideW() - s.padW();
            int right = Math.min(left + s.kernelW(), s.w());
            for (int i = Math.max(left, 0); i < right; i++) {
                line[i] += share;
            }
        }
    }

    private static void addTo(float[] sums, int at, float[] line, int n) {
        for (int i = 0; i < n; i++) {
            sums[at + i] += line[i];
        }
    }
}
