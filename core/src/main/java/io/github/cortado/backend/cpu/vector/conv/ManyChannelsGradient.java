package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.ManyChannelsConv2d.CHANNELS;
import static io.github.cortado.backend.cpu.vector.conv.ManyChannelsConv2d.TERMS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;

/**
 * The gradient of the weights of {@link ManyChannelsConv2d}: tiles of 12 terms by two vectors of
 * channels, summed over the outputs of several pictures, whose dy has its channels turned to the
 * end. Sums are complete when they are written, unless the pictures come in several groups.
 */
public final class ManyChannelsGradient {
    private final ManyChannelsConv2d c;

    private ManyChannelsGradient(ManyChannelsConv2d c) {
        this.c = c;
    }

    /** Arguments as of {@link VectorConv2d#gradWeight}. */
    static void run(
            Conv2dSpec s,
            float[] x,
            int xOff,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff,
            float[] db,
            int dbOff) {
        new ManyChannelsGradient(ManyChannelsConv2d.ofInput(s))
                .run(x, xOff, dy, dyOff, dw, dwOff, db, dbOff);
    }

    /** Floats from one row of sums to the next: a block may have a single vector of channels. */
    private int ld(int block) {
        return c.width(block) <= VL ? VL : CHANNELS;
    }

    private void run(
            float[] x,
            int xOff,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff,
            float[] db,
            int dbOff) {
        int[][] terms = ManyChannelsConv2d.cut(c.distance, TERMS);
        for (int i = 0; i < terms.length; i++) {
            int length = terms[i].length;
            terms[i] = Arrays.copyOf(terms[i], IntMath.roundUp(length, ConvWeightKernel.PADDING));
            Arrays.fill(terms[i], length, terms[i].length, terms[i][length - 1]);
        }
        for (int first = 0; first < c.n; first += c.pictures) {
            int count = Math.min(c.pictures, c.n - first);
            boolean add = first > 0;
            float[] laidOut = c.layOut(x, xOff, first, count);
            int all = count * c.outputs;
            float[] turned = Scratch.VALUES.floats(c.blocks() * all * CHANNELS);
            int from = dyOff + first * c.out * c.outputs;
            Parallel.forChunks(c.blocks(), block -> turnBack(dy, from, count, block, turned));
            int[] position = Arrays.copyOf(c.positions(0, all), all);
            Parallel.forChunks(
                    c.blocks() * terms.length,
                    chunk -> {
                        int block = chunk / terms.length;
                        int part = chunk % terms.length;
                        int turnedAt = block * all * CHANNELS;
                        weightChunk(
                                block,
                                part,
                                terms[part],
                                position,
                                laidOut,
                                turned,
                                turnedAt,
                                dw,
                                dwOff,
                                add);
                        if (part == 0 && db.length > 0) {
                            bias(block, all, turned, turnedAt, db, dbOff, add);
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
                    from + (k * c.out + block * CHANNELS) * c.outputs,
                    c.outputs,
                    c.outputs,
                    c.width(block),
                    turned,
                    block * count * c.outputs * CHANNELS + k * c.outputs * ld,
                    ld);
        }
    }

    /** The gradients of the weights of a block of channels by some terms. */
    private void weightChunk(
            int block,
            int part,
            int[] terms,
            int[] position,
            float[] laidOut,
            float[] turned,
            int turnedAt,
            float[] dw,
            int dwOff,
            boolean add) {
        int ld = ld(block);
        int length = Math.min(TERMS, c.distance.length - part * TERMS);
        float[] sums = Scratch.OUTPUTS.floats(terms.length * ld);
        Arrays.fill(sums, 0, terms.length * ld, 0f);
        ConvWeightKernel.weights(
                position.length,
                length,
                laidOut,
                0,
                position,
                terms,
                turned,
                turnedAt,
                ld,
                sums,
                0);
        for (int r = 0; r < c.width(block); r++) {
            int to = dwOff + (block * CHANNELS + r) * c.distance.length + part * TERMS;
            for (int q = 0; q < length; q++) {
                float sum = sums[q * ld + r];
                dw[to + q] = add ? dw[to + q] + sum : sum;
            }
        }
    }

    private void bias(
            int block, int all, float[] turned, int turnedAt, float[] db, int dbOff, boolean add) {
        int ld = ld(block);
        float[] sums = Scratch.OUTPUTS.floats(ld);
        Arrays.fill(sums, 0, ld, 0f);
        ConvWeightKernel.bias(all, turned, turnedAt, ld, sums, 0);
        for (int r = 0; r < c.width(block); r++) {
            int to = dbOff + block * CHANNELS + r;
            db[to] = add ? db[to] + sums[r] : sums[r];
        }
    }
}
