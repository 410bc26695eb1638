package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import java.util.Arrays;

/**
 * Two-dimensional convolution in its three directions, directly on padded planes, without im2col.
 *
 * <p>Forward: pictures are laid out with zero borders ({@link Planes}), in which any stride or
 * dilation makes a tap a constant distance; a register tile of 8 output channels by 3 vectors of
 * neighbouring outputs then sums over input channels and taps ({@link ConvOutputKernel}). Garbage
 * outputs between the rows cost 3 % at 32x32, 6 % at 16x16 and 11 % at 8x8.
 *
 * <p>Gradient of the input: the same kernel on padded dy, with the weights transposed and flipped;
 * with strides, one pass for each phase of the input. Gradient of the weights: {@link
 * ConvWeightGradient}.
 *
 * <p>Where these lose: many channels on small pictures ({@link ManyChannelsConv2d}, {@link
 * ManyChannelsGradient}) and the gradients of depthwise convolution ({@link
 * DepthwiseInputGradient}, {@link DepthwiseWeightGradient}).
 *
 * <p>Pictures, or strips of them, are spread over the threads, of a single picture the output
 * channels too ({@link ConvPass}); no sum crosses them, so the bits do not depend on the threads.
 */
public final class VectorConv2d {

    private VectorConv2d() {}

    /**
     * y = x * w + bias, then optionally max(y, 0).
     *
     * @param bias outChannels values from {@code biasOff} on, or an empty array for none
     */
    public static void forward(
            Conv2dSpec spec,
            float[] x,
            int xOff,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] y,
            int yOff,
            boolean relu) {
        if (ManyChannelsConv2d.fits(spec)) {
            ManyChannelsConv2d.forward(spec, x, xOff, w, wOff, bias, biasOff, y, yOff, relu);
            return;
        }
        forwardPass(spec, w, wOff, bias, biasOff).run(x, xOff, y, yOff, relu);
    }

    /** The pass of {@link #forward}. */
    public static ConvPass forwardPass(
            Conv2dSpec spec, float[] w, int wOff, float[] bias, int biasOff) {
        int groups = spec.groups();
        int in = spec.inChannels() / groups;
        int out = spec.outChannels() / groups;
        int blocks = groups * IntMath.ceilDiv(out, ConvOutputKernel.CHANNELS);
        Planes planes = inputPlanes(spec, ConvPass.pieces(spec.n(), blocks));
        int terms = in * spec.kernelH() * spec.kernelW();
        return new ConvPass(
                planes,
                spec.n(),
                groups,
                in,
                out,
                inputDistances(spec, planes, terms),
                terms,
                ConvWeights.forward(spec, w, wOff, bias, biasOff, ConvOutputKernel.CHANNELS),
                spec.outH(),
                spec.outW(),
                1,
                1,
                0,
                0,
                false);
    }

    /** dx = dy * w, transposed and flipped; dx is overwritten. */
    public static void gradInput(
            Conv2dSpec spec, float[] dy, int dyOff, float[] w, int wOff, float[] dx, int dxOff) {
        if (ManyChannelsConv2d.fitsGradInput(spec)) {
            ManyChannelsConv2d.gradInput(spec, dy, dyOff, w, wOff, dx, dxOff);
            return;
        }
        if (DepthwiseInputGradient.fits(spec)) {
            DepthwiseInputGradient.run(spec, dy, dyOff, w, wOff, dx, dxOff);
            return;
        }
        boolean everyPhaseHasTaps = true;
        for (int a = 0; a < spec.strideH(); a++) {
            everyPhaseHasTaps &=
                    taps(spec.kernelH(), spec.dilationH(), spec.strideH(), a).length > 0;
        }
        for (int b = 0; b < spec.strideW(); b++) {
            everyPhaseHasTaps &=
                    taps(spec.kernelW(), spec.dilationW(), spec.strideW(), b).length > 0;
        }
        if (!everyPhaseHasTaps) {
            int size = spec.n() * spec.inChannels() * spec.h() * spec.w();
            Arrays.fill(dx, dxOff, dxOff + size, 0f);
        }
        for (int a = 0; a < spec.strideH(); a++) {
            for (int b = 0; b < spec.strideW(); b++) {
                boolean restFollows = everyPhaseHasTaps && b == 0;
                gradInputPhase(spec, a, b, restFollows, dy, dyOff, w, wOff, dx, dxOff);
            }
        }
    }

    /**
     * dw[o, i, ky, kx] = sum over pictures and outputs of dy x, and db[o] = sum of dy; both are
     * overwritten.
     *
     * @param db outChannels values from {@code dbOff} on, or an empty array if not wanted
     */
    public static void gradWeight(
            Conv2dSpec spec,
            float[] x,
            int xOff,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff,
            float[] db,
            int dbOff) {
        if (DepthwiseWeightGradient.fits(spec)) {
            DepthwiseWeightGradient.run(spec, x, xOff, dy, dyOff, dw, dwOff, db, dbOff);
        } else if (ManyChannelsConv2d.fits(spec)) {
            ManyChannelsGradient.run(spec, x, xOff, dy, dyOff, dw, dwOff, db, dbOff);
        } else {
            new ConvWeightGradient(spec).run(x, xOff, dy, dyOff, dw, dwOff, db, dbOff);
        }
    }

    /** The planes of a group of x, read by forward and by the gradient of the weights. */
    static Planes inputPlanes(Conv2dSpec spec) {
        return inputPlanes(spec, 1);
    }

    private static Planes inputPlanes(Conv2dSpec spec, int pieces) {
        return Planes.of(
                spec.n(),
                pieces,
                spec.inChannels() / spec.groups(),
                spec.h(),
                spec.w(),
                spec.strideH(),
                spec.strideW(),
                (spec.kernelH() - 1) * spec.dilationH() + 1,
                (spec.kernelW() - 1) * spec.dilationW() + 1,
                spec.padH(),
                spec.padW(),
                spec.outH(),
                spec.outW());
    }

    /** For each input channel of a group and each tap where it lies; the last one repeats. */
    static int[] inputDistances(Conv2dSpec spec, Planes planes, int length) {
        int terms = spec.inChannels() / spec.groups() * spec.kernelH() * spec.kernelW();
        int[] distances = new int[length];
        int q = 0;
        for (int channel = 0; q < terms; channel++) {
            for (int ky = 0; ky < spec.kernelH(); ky++) {
                for (int kx = 0; kx < spec.kernelW(); kx++) {
                    distances[q++] =
                            channel * planes.channelStride()
                                    + planes.tap(ky * spec.dilationH(), kx * spec.dilationW());
                }
            }
        }
        Arrays.fill(distances, terms, length, distances[terms - 1]);
        return distances;
    }

    /**
     * The inputs (y, x) with (y + padH) mod strideH = a and (x + padW) mod strideW = b: only taps
     * of the same phase reach them, and among themselves they are a convolution of stride 1.
     */
    private static void gradInputPhase(
            Conv2dSpec spec,
            int a,
            int b,
            boolean restFollows,
            float[] dy,
            int dyOff,
            float[] w,
            int wOff,
            float[] dx,
            int dxOff) {
        int[] tapsH = taps(spec.kernelH(), spec.dilationH(), spec.strideH(), a);
        int[] tapsW = taps(spec.kernelW(), spec.dilationW(), spec.strideW(), b);
        int firstH = IntMath.ceilDiv(spec.padH() - a, spec.strideH());
        int firstW = IntMath.ceilDiv(spec.padW() - b, spec.strideW());
        int rows = Math.floorDiv(spec.h() - 1 + spec.padH() - a, spec.strideH()) - firstH + 1;
        int columns = Math.floorDiv(spec.w() - 1 + spec.padW() - b, spec.strideW()) - firstW + 1;
        if (tapsH.length == 0 || tapsW.length == 0 || rows <= 0 || columns <= 0) {
            return;
        }
        int reachH = tapsH[tapsH.length - 1] * spec.dilationH() / spec.strideH();
        int reachW = tapsW[tapsW.length - 1] * spec.dilationW() / spec.strideW();
        int groups = spec.groups();
        int in = spec.inChannels() / groups;
        int out = spec.outChannels() / groups;
        int blocks = groups * IntMath.ceilDiv(in, ConvOutputKernel.CHANNELS);
        Planes planes =
                Planes.of(
                        spec.n(),
                        ConvPass.pieces(spec.n(), blocks),
                        out,
                        spec.outH(),
                        spec.outW(),
                        1,
                        1,
                        reachH + 1,
                        reachW + 1,
                        reachH - firstH,
                        reachW - firstW,
                        rows,
                        columns);
        int taps = tapsH.length * tapsW.length;
        int terms = out * taps;
        int[] distances = new int[terms];
        int[] tap = new int[taps];
        for (int t = 0; t < taps; t++) {
            int ky = tapsH[t / tapsW.length];
            int kx = tapsW[t % tapsW.length];
            tap[t] = ky * spec.kernelW() + kx;
            int distance =
                    planes.tap(
                            reachH - ky * spec.dilationH() / spec.strideH(),
                            reachW - kx * spec.dilationW() / spec.strideW());
            for (int o = 0; o < out; o++) {
                distances[o * taps + t] = o * planes.channelStride() + distance;
            }
        }
        ConvPass pass =
                new ConvPass(
                        planes,
                        spec.n(),
                        groups,
                        out,
                        in,
                        distances,
                        terms,
                        (group, c, width, packed, at) ->
                                packTransposed(spec, tap, w, wOff, group, c, width, packed, at),
                        spec.h(),
                        spec.w(),
                        spec.strideH(),
                        spec.strideW(),
                        firstH * spec.strideH() + a - spec.padH(),
                        firstW * spec.strideW() + b - spec.padW(),
                        restFollows);
        pass.run(dy, dyOff, dx, dxOff, false);
    }

    /** Packs {@code width} input channels of a group from c on as [output channel, tap, 8]. */
    private static void packTransposed(
            Conv2dSpec spec,
            int[] tap,
            float[] w,
            int wOff,
            int group,
            int c,
            int width,
            float[] packed,
            int at) {
        int in = spec.inChannels() / spec.groups();
        int out = spec.outChannels() / spec.groups();
        int all = spec.kernelH() * spec.kernelW();
        int to = at;
        for (int o = 0; o < out; o++) {
            int from = wOff + ((group * out + o) * in + c) * all;
            for (int t : tap) {
                for (int r = 0; r < ConvOutputKernel.CHANNELS; r++) {
                    packed[to++] = r < width ? w[from + r * all + t] : 0f;
                }
            }
        }
    }

    /** The taps k of a kernel side with k dilation mod stride = phase, in ascending order. */
    private static int[] taps(int kernel, int dilation, int stride, int phase) {
        int[] found = new int[kernel];
        int count = 0;
        for (int k = 0; k < kernel; k++) {
            if (k * dilation % stride == phase) {
                found[count++] = k;
            }
        }
        return Arrays.copyOf(found, count);
    }
}
