package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the input of a depthwise convolution that takes every second column.
 *
 * <p>{@link PlanesInputGradient} computes even and odd columns apart, and most of its time goes
 * into putting them together. Here rows of dy are written with zeros between their elements, which
 * makes the convolution one of stride 1: twice the multiply-adds, which are not what bounds it, and
 * whole rows of dx at a time, where they belong. A row of dx has the taps of those rows of dy that
 * reach it.
 *
 * <p>Zeros meet weights: where one of those is infinite, a gradient is NaN.
 */
final class DepthwiseInputGradient implements Convolution.InputGradient {
    /** Narrower rows would leave most of a tile's four vectors empty. */
    private static final int MIN_WIDTH = 32;

    private static final int CHUNK = 1 << 14;

    private final Conv2dSpec s;

    /** Elements of a row of dy with zeros, and its first element's place there. */
    private final int stride;

    private final int origin;

    /** For each phase of the rows of dx: its taps, and where they lie from a row's first one. */
    private final int[][] taps;

    private final int[][] distance;

    DepthwiseInputGradient(Conv2dSpec s) {
        this.s = s;
        int reach = (s.kernelW() - 1) * s.dilationW();
        origin = Math.max(0, reach - s.padW());
        // What a tile of four vectors reads beyond a row of dx stays inside.
        stride = origin + Math.max(2 * s.outW(), s.w() + s.padW()) + 4 * VL;
        taps = new int[s.strideH()][];
        distance = new int[s.strideH()][];
        for (int phase = 0; phase < taps.length; phase++) {
            int count = 0;
            int[] found = new int[s.kernelH() * s.kernelW()];
            int[] at = new int[found.length];
            for (int tap = 0; tap < found.length; tap++) {
                int ky = tap / s.kernelW() * s.dilationH();
                if (ky % s.strideH() == phase) {
                    found[count] = tap;
                    // Rows of dy that a tap further down reaches lie further up.
                    at[count++] =
                            origin
                                    + s.padW()
                                    - tap % s.kernelW() * s.dilationW()
                                    - ky / s.strideH() * stride;
                }
            }
            taps[phase] = Arrays.copyOf(found, count);
            distance[phase] = Arrays.copyOf(at, count);
        }
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        if (s.inChannels() != s.groups() || s.outChannels() != s.groups()) {
            return "groups have several channels";
        }
        if (s.strideW() != 2) {
            return "columns are " + s.strideW() + " apart, not 2";
        }
        return s.w() < MIN_WIDTH ? s.w() + " columns are few" : null;
    }

    @Override
    public void run(HostBuffer.Floats dy, HostBuffer.Floats w, HostBuffer.Floats dx) {
        Parallel.forItems(
                s.n() * s.groups(), s.h() * s.w(), CHUNK, plane -> plane(plane, dy, w, dx));
    }

    private void plane(int plane, HostBuffer.Floats dy, HostBuffer.Floats w, HostBuffer.Floats dx) {
        // Rows of dy that a tap reaches, with empty ones above and below.
        int above = (s.kernelH() - 1) * s.dilationH() / s.strideH();
        int below = (s.h() - 1 + s.padH()) / s.strideH() + 1;
        int rows = above + Math.max(s.outH(), below);
        float[] wide = Scratch.PLANES.floats(rows * stride);
        int from = dy.offset() + plane * s.outH() * s.outW();
        spread(dy.array(), from, wide, above, rows);
        int weights = w.offset() + plane % s.groups() * s.kernelH() * s.kernelW();
        float[] packed = packed(w.array(), weights);
        float[] rest = Scratch.OUTPUTS.floats(s.w() + 4 * VL);
        float[] values = dx.array();
        int to = dx.offset() + plane * s.h() * s.w();
        int end = to + s.h() * s.w();
        for (int i = 0; i < s.h(); i++) {
            int phase = (i + s.padH()) % s.strideH();
            int row = above + (i + s.padH()) / s.strideH();
            int at = to + i * s.w();
            // A tile may write into the rows that come later, but not beyond the plane.
            boolean inside = at + s.w() + 4 * VL <= end;
            row(phase, wide, row * stride, packed, inside ? values : rest, inside ? at : 0);
            if (!inside) {
                System.arraycopy(rest, 0, values, at, s.w());
            }
        }
    }

    private void row(int phase, float[] wide, int at, float[] packed, float[] to, int toAt) {
        int first = phase * s.kernelH() * s.kernelW() * OutputKernel.CHANNELS;
        OutputKernel.row(
                s.w(), taps[phase].length, packed, first, wide, at, distance[phase], to, toAt);
    }

    /** Rows of dy with a zero behind each element, and zeros around. */
    private void spread(float[] dy, int from, float[] wide, int above, int rows) {
        int n = s.outW();
        Arrays.fill(wide, 0, above * stride, 0f);
        for (int row = 0; row < s.outH(); row++) {
            int begin = (above + row) * stride;
            Arrays.fill(wide, begin, begin + origin, 0f);
            twice(dy, from + row * n, wide, begin + origin, n);
            Arrays.fill(wide, begin + origin + 2 * n, begin + stride, 0f);
        }
        Arrays.fill(wide, (above + s.outH()) * stride, rows * stride, 0f);
    }

    private static void twice(float[] dy, int from, float[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            to[at + 2 * j] = dy[from + j];
            to[at + 2 * j + 1] = 0f;
        }
    }

    /** The weights of each phase's taps. */
    private float[] packed(float[] w, int at) {
        int all = s.kernelH() * s.kernelW();
        float[] packed = Scratch.VALUES.floats(taps.length * all * OutputKernel.CHANNELS);
        for (int phase = 0; phase < taps.length; phase++) {
            for (int t = 0; t < taps[phase].length; t++) {
                packed[(phase * all + t) * OutputKernel.CHANNELS] = w[at + taps[phase][t]];
            }
        }
        return packed;
    }
}
