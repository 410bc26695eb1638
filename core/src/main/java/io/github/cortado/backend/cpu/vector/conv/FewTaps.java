package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of many channels on pictures so small that most taps lie outside of them: of 3 x 3
 * taps on 2 x 2 pictures with a border of 1, each output has four inside. Only these are
 * multiplied: for each of them, all channels of one place of the pictures are a matrix [picture,
 * channel], and a tap's weights are another.
 *
 * <p>Here is which tap brings together which places. Tiles are those of {@link WeightKernel}, with
 * pictures for taps; nothing is laid out. Work is cut by shapes alone, so the bits do not depend on
 * the threads. {@link FewTapsOutputs} is forward and the gradient of the input, {@link
 * FewTapsWeightGradient} that of the weights.
 *
 * @param n pictures
 * @param in channels of the input
 * @param out channels of the output
 * @param taps of a kernel
 * @param inSize places of a channel of the input
 * @param outSize places of a channel of the output
 * @param pairs all products of a place and a tap that there are
 */
record FewTaps(int n, int in, int out, int taps, int inSize, int outSize, List<Pair> pairs) {
    /** A place of the output reads a place of the input through a tap. */
    record Pair(int tap, int input, int output) {}

    /** Channels of a block, across the lanes. */
    static final int CHANNELS = 2 * VL;

    /** Channels that are gone through at one time, so that their weights stay in a near cache. */
    static final int DEPTH = 8 * WeightKernel.PADDING;

    /** Fewer pictures leave tiles half empty, which cost more than taps outside. */
    private static final int MIN_PICTURES = 8;

    private static final int MIN_CHANNELS = 64;

    /** Of the taps so many may be inside, in percent: Winograd's algorithm needs 44. */
    private static final int MOST_INSIDE = 62;

    /** Why each direction is better off on another way. */
    static @Nullable String obstacle(Conv2dSpec s) {
        if (s.groups() > 1) {
            return "channels come in groups";
        }
        if (s.n() < MIN_PICTURES) {
            return s.n() + " pictures are few";
        }
        if (Math.min(s.inChannels(), s.outChannels()) < MIN_CHANNELS) {
            return "channels are few";
        }
        long rows = inside(s.h(), s.outH(), s.kernelH(), s.strideH(), s.padH(), s.dilationH());
        long columns = inside(s.w(), s.outW(), s.kernelW(), s.strideW(), s.padW(), s.dilationW());
        long all = (long) s.outH() * s.outW() * s.kernelH() * s.kernelW();
        return 100 * rows * columns > MOST_INSIDE * all ? "most taps are inside" : null;
    }

    /** Taps inside along a side, of all outputs. */
    private static long inside(
            int size, int outputs, int kernel, int stride, int pad, int dilation) {
        long count = 0;
        for (int o = 0; o < outputs; o++) {
            for (int k = 0; k < kernel; k++) {
                int at = o * stride - pad + k * dilation;
                if (at >= 0 && at < size) {
                    count++;
                }
            }
        }
        return count;
    }

    static FewTaps of(Conv2dSpec s) {
        List<Pair> pairs = new ArrayList<>();
        for (int output = 0; output < s.outH() * s.outW(); output++) {
            for (int tap = 0; tap < s.kernelH() * s.kernelW(); tap++) {
                int row = output / s.outW() * s.strideH() - s.padH();
                int column = output % s.outW() * s.strideW() - s.padW();
                row += tap / s.kernelW() * s.dilationH();
                column += tap % s.kernelW() * s.dilationW();
                if (row >= 0 && row < s.h() && column >= 0 && column < s.w()) {
                    pairs.add(new Pair(tap, row * s.w() + column, output));
                }
            }
        }
        return new FewTaps(
                s.n(),
                s.inChannels(),
                s.outChannels(),
                s.kernelH() * s.kernelW(),
                s.h() * s.w(),
                s.outH() * s.outW(),
                List.copyOf(pairs));
    }

    /**
     * Multiples of a step, as many as a kernel asks for: {@code count}, and the last one again up
     * to whole tiles.
     */
    static int[] multiples(int count, int step) {
        int[] multiples = new int[IntMath.roundUp(count, WeightKernel.PADDING)];
        for (int i = 0; i < multiples.length; i++) {
            multiples[i] = Math.min(i, count - 1) * step;
        }
        return multiples;
    }
}
