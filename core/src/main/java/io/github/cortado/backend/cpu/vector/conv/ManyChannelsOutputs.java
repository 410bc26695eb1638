package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.conv.ManyChannels.CHANNELS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;

/**
 * Forward and the gradient of the input for {@link ManyChannels}: a tile does 12 outputs of two
 * vectors of channels, summed over terms (an input channel and a tap each).
 *
 * <p>The caller has the scratch arrays WEIGHTS and PLANES, a chunk OUTPUTS.
 */
final class ManyChannelsOutputs {
    private static final int TILE = 12;

    /** Tiles of outputs that a chunk of parallel work has at most. */
    private static final int TILES = 8;

    private final ManyChannels c;
    private final int[][] terms;
    private final int outputs;

    /** What results are cut off at; NaN leaves them. */
    private final float limit;

    private ManyChannelsOutputs(ManyChannels c, double limit) {
        this.c = c;
        terms = c.terms();
        outputs = c.outputs();
        this.limit = (float) limit;
    }

    /** y = x * w + b, cut off where the problem says so. */
    static Convolution.Forward forward(Conv2dSpec s) {
        ManyChannelsOutputs plan = new ManyChannelsOutputs(ManyChannels.ofInput(s), s.limit());
        return (x, w, b, y) -> plan.run(x, Weights.forward(s, w, b, CHANNELS), y);
    }

    /** dx = dy * w, transposed and flipped. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        ManyChannelsOutputs plan = new ManyChannelsOutputs(ManyChannels.ofOutputs(s), Double.NaN);
        return (dy, w, dx) -> plan.run(dy, transposed(s, w), dx);
    }

    private static Weights transposed(Conv2dSpec s, HostBuffer.Floats w) {
        int taps = s.kernelH() * s.kernelW();
        return (group, channel, width, packed, at) -> {
            for (int o = 0; o < s.outChannels(); o++) {
                int from = w.offset() + (o * s.inChannels() + channel) * taps;
                int to = at + o * taps * CHANNELS;
                Packing.columns(w.array(), from, taps, taps, width, packed, to, CHANNELS);
            }
        };
    }

    private void run(HostBuffer.Floats x, Weights weights, HostBuffer.Floats y) {
        float[] packed = weights.blocks(c.channels(), c.distance().length, CHANNELS);
        for (int first = 0; first < c.n(); first += c.pictures()) {
            int count = Math.min(c.pictures(), c.n() - first);
            float[] laidOut = c.layOut(x, first, count);
            int all = count * outputs;
            int tiles = IntMath.ceilDiv(all, TILE);
            int parts = IntMath.ceilDiv(tiles, TILES);
            int size = IntMath.ceilDiv(tiles, parts) * TILE;
            int to = y.offset() + first * c.out() * outputs;
            Parallel.forChunks(
                    c.blocks() * parts,
                    chunk -> {
                        int begin = Math.min(all, chunk % parts * size);
                        int end = Math.min(all, begin + size);
                        if (begin < end) {
                            chunk(chunk / parts, begin, end, laidOut, packed, y.array(), to);
                        }
                    });
        }
    }

    /** Outputs begin to end - 1 of the pictures that are laid out, for a block of channels. */
    private void chunk(
            int block, int begin, int end, float[] laidOut, float[] packed, float[] y, int yOff) {
        int[] position = c.positions(begin, end);
        float[] sums = Scratch.OUTPUTS.floats(position.length * CHANNELS);
        int weights = block * (c.distance().length + 1) * CHANNELS;
        int biasAt = weights + c.distance().length * CHANNELS;
        for (int p = 0; p < position.length; p++) {
            System.arraycopy(packed, biasAt, sums, p * CHANNELS, CHANNELS);
        }
        for (int[] part : terms) {
            WeightKernel.weights(
                    part.length,
                    end - begin,
                    laidOut,
                    0,
                    part,
                    position,
                    packed,
                    weights,
                    CHANNELS,
                    sums,
                    0);
            weights += part.length * CHANNELS;
        }
        Cut.off(limit, sums, 0, 1, (end - begin) * CHANNELS, 0);
        int p = begin;
        while (p < end) {
            int picture = p / outputs;
            int length = Math.min(end, (picture + 1) * outputs) - p;
            int plane = yOff + (picture * c.out() + block * CHANNELS) * outputs + p % outputs;
            turn(sums, p - begin, length, c.width(block), y, plane);
            p += length;
        }
    }

    /** Writes some rows of sums [position, channel] as columns. */
    private void turn(float[] sums, int first, int length, int width, float[] y, int yOff) {
        for (int channel = 0; channel < width; channel++) {
            int from = first * CHANNELS + channel;
            int to = yOff + channel * outputs;
            for (int i = 0; i < length; i++) {
                y[to + i] = sums[from + i * CHANNELS];
            }
        }
    }
}
