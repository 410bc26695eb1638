package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.ManyChannels.CHANNELS;
import static io.github.cortado.backend.cpu.vector.conv.ManyChannels.TERMS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights for {@link ManyChannels}: tiles of 12 terms by two vectors of
 * channels, summed over the outputs of several pictures, whose dy has its channels turned to the
 * end. Sums are complete when they are written, unless the pictures come in several groups.
 *
 * <p>The caller has the scratch arrays PLANES and VALUES, a chunk OUTPUTS.
 */
final class ManyChannelsWeightGradient implements Convolution.WeightGradient {
    private final ManyChannels c;
    private final int outputs;

    /** Parts of the terms, filled up with their last one. */
    private final int[][] terms;

    /** Where the outputs of the pictures that are worked on together lie. */
    private final int[] position;

    ManyChannelsWeightGradient(Conv2dSpec s) {
        c = ManyChannels.ofInput(s);
        outputs = c.outputs();
        terms = c.terms();
        for (int i = 0; i < terms.length; i++) {
            int length = terms[i].length;
            terms[i] = Arrays.copyOf(terms[i], IntMath.roundUp(length, WeightKernel.PADDING));
            Arrays.fill(terms[i], length, terms[i].length, terms[i][length - 1]);
        }
        position = c.positions(0, c.pictures() * outputs);
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        for (int first = 0; first < c.n(); first += c.pictures()) {
            int count = Math.min(c.pictures(), c.n() - first);
            boolean add = first > 0;
            float[] laidOut = c.layOut(x, first, count);
            int all = count * outputs;
            float[] turned = Scratch.VALUES.floats(c.blocks() * all * CHANNELS);
            int from = dy.offset() + first * c.out() * outputs;
            Parallel.forChunks(
                    c.blocks(), block -> turnBack(dy.array(), from, count, block, turned));
            Parallel.forChunks(
                    c.blocks() * terms.length,
                    chunk -> {
                        int block = chunk / terms.length;
                        int part = chunk % terms.length;
                        weights(block, part, all, laidOut, turned, dw, add);
                        if (part == 0 && db != null) {
                            bias(block, all, turned, db, add);
                        }
                    });
        }
    }

    /** A block of dy as [position, channel]. */
    private void turnBack(float[] dy, int from, int count, int block, float[] turned) {
        int ld = ld(block);
        for (int k = 0; k < count; k++) {
            Packing.columns(
                    dy,
                    from + (k * c.out() + block * CHANNELS) * outputs,
                    outputs,
                    outputs,
                    c.width(block),
                    turned,
                    block * count * outputs * CHANNELS + k * outputs * ld,
                    ld);
        }
    }

    /** Floats from one row of sums to the next: a block may have a single vector of channels. */
    private int ld(int block) {
        return c.width(block) <= VL ? VL : CHANNELS;
    }

    /** The gradients of the weights of a block of channels by some terms. */
    private void weights(
            int block,
            int part,
            int all,
            float[] laidOut,
            float[] turned,
            HostBuffer.Floats dw,
            boolean add) {
        int ld = ld(block);
        int padded = terms[part].length;
        int length = Math.min(TERMS, c.distance().length - part * TERMS);
        float[] sums = Scratch.OUTPUTS.floats(padded * ld);
        Arrays.fill(sums, 0, padded * ld, 0f);
        WeightKernel.weights(
                all,
                length,
                laidOut,
                0,
                position,
                terms[part],
                turned,
                block * all * CHANNELS,
                ld,
                sums,
                0);
        float[] to = dw.array();
        for (int r = 0; r < c.width(block); r++) {
            int at = dw.offset() + (block * CHANNELS + r) * c.distance().length + part * TERMS;
            for (int q = 0; q < length; q++) {
                float sum = sums[q * ld + r];
                to[at + q] = add ? to[at + q] + sum : sum;
            }
        }
    }

    private void bias(int block, int all, float[] turned, HostBuffer.Floats db, boolean add) {
        int ld = ld(block);
        float[] sums = Scratch.OUTPUTS.floats(ld);
        Arrays.fill(sums, 0, ld, 0f);
        WeightKernel.bias(all, turned, block * all * CHANNELS, ld, sums, 0);
        float[] to = db.array();
        for (int r = 0; r < c.width(block); r++) {
            int at = db.offset() + block * CHANNELS + r;
            to[at] = add ? to[at] + sums[r] : sums[r];
        }
    }
}
