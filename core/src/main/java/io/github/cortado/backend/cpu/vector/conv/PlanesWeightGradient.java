package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights and the bias, with x laid out as for {@link PlanesForward}.
 *
 * <p>Lanes run over output channels: a picture's dy is turned into [position, channels], and each
 * register tile of 12 taps by 2 vectors of channels sums over all positions of the picture ({@link
 * WeightKernel}). Pictures are cut into a fixed number of chunks with a partial sum each, and the
 * partial sums are added in ascending order, so the bits do not depend on the threads. Where a
 * partial sum is large there are fewer of them, and the channels are spread over the threads as
 * well.
 */
final class PlanesWeightGradient implements Convolution.WeightGradient {
    private static final int MAX_CHUNKS = 16;
    private static final int MAX_PARTIALS = 1 << 22;

    /** Output channels of a block, two vectors. */
    private static final int CHANNELS = 2 * VL;

    private final Conv2dSpec conv;
    private final Planes planes;
    private final int in;
    private final int out;
    private final int terms;
    private final int paddedTerms;
    private final int[] distance;
    private final int[] position;

    /** Blocks of channels of a group, and of all. */
    private final int blocksOfGroup;

    private final int blocks;

    /** Floats of the sums of one block of channels: each term's, then the bias's; and of all. */
    private final int blockSize;

    private final int partialSize;

    /** Partial sums, and parts in which the channels of each are computed. */
    private final int chunks;

    private final int spread;

    PlanesWeightGradient(Conv2dSpec conv) {
        this.conv = conv;
        planes = InputPlanes.of(conv, 1);
        in = conv.inChannels() / conv.groups();
        out = conv.outChannels() / conv.groups();
        terms = InputPlanes.terms(conv);
        paddedTerms = IntMath.roundUp(terms, WeightKernel.PADDING);
        distance = InputPlanes.distances(conv, planes, paddedTerms);
        position = new int[planes.stripRows() * conv.outW()];
        for (int p = 0; p < position.length; p++) {
            position[p] = p / conv.outW() * planes.rowStride() + p % conv.outW();
        }
        blocksOfGroup = IntMath.ceilDiv(out, CHANNELS);
        blocks = conv.groups() * blocksOfGroup;
        blockSize = (paddedTerms + 1) * CHANNELS;
        partialSize = blocks * blockSize;
        int most = Math.min(MAX_CHUNKS, planes.units(conv.n()));
        chunks = Math.max(1, Math.min(most, MAX_PARTIALS / partialSize));
        spread = chunks < MAX_CHUNKS / 2 ? blocks : 1;
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        int units = planes.units(conv.n());
        float[] partials = Scratch.PARTIALS.floats(chunks * partialSize);
        Parallel.forChunks(
                chunks * spread,
                chunk -> {
                    int part = chunk / spread;
                    int first = chunk % spread * (blocks / spread);
                    int end = first + blocks / spread;
                    int base = part * partialSize;
                    Arrays.fill(partials, base + first * blockSize, base + end * blockSize, 0f);
                    int unitEnd = (int) ((long) units * (part + 1) / chunks);
                    for (int unit = (int) ((long) units * part / chunks); unit < unitEnd; unit++) {
                        unit(unit, first, end, x, dy, partials, base);
                    }
                });
        Parallel.forChunks(
                blocks,
                block -> {
                    int to = block * blockSize;
                    for (int part = 1; part < chunks; part++) {
                        add(partials, part * partialSize + to, to);
                    }
                    unpack(block, partials, dw, db);
                });
    }

    /** Adds what a strip gives to some blocks of the sums that begin at {@code base}. */
    private void unit(
            int unit,
            int firstBlock,
            int endBlock,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            float[] partials,
            int base) {
        Planes.Strip strip = planes.strip(unit, conv.n());
        int groupSize = in * planes.channelSize();
        float[] laidOut = Scratch.PLANES.floats(planes.length(in));
        int laidOutGroup = -1;
        int positions = strip.rows() * conv.outW();
        int outSize = conv.outH() * conv.outW();
        float[] turned = Scratch.OUTPUTS.floats(positions * CHANNELS);
        for (int block = firstBlock; block < endBlock; block++) {
            int group = block / blocksOfGroup;
            if (group != laidOutGroup) {
                int from = x.offset() + group * groupSize;
                planes.fill(x.array(), from, conv.groups() * groupSize, strip, in, laidOut);
                laidOutGroup = group;
            }
            int column = block % blocksOfGroup * CHANNELS;
            int width = Math.min(CHANNELS, out - column);
            int ld = width <= VL ? VL : CHANNELS;
            int to = base + block * blockSize;
            for (int k = 0; k < strip.count(); k++) {
                int channel = (strip.picture() + k) * conv.outChannels() + group * out + column;
                int source = dy.offset() + channel * outSize + strip.firstRow() * conv.outW();
                Packing.columns(dy.array(), source, outSize, positions, width, turned, 0, ld);
                int planeOff = k * planes.width();
                WeightKernel.weights(
                        positions, terms, laidOut, planeOff, position, distance, turned, 0, ld,
                        partials, to);
                WeightKernel.bias(positions, turned, 0, ld, partials, to + paddedTerms * ld);
            }
        }
    }

    private void add(float[] partials, int from, int to) {
        for (int i = 0; i < blockSize; i += VL) {
            FloatVector.fromArray(SPECIES, partials, to + i)
                    .add(FloatVector.fromArray(SPECIES, partials, from + i))
                    .intoArray(partials, to + i);
        }
    }

    private void unpack(
            int block, float[] sums, HostBuffer.Floats dw, HostBuffer.@Nullable Floats db) {
        int column = block % blocksOfGroup * CHANNELS;
        int width = Math.min(CHANNELS, out - column);
        int ld = width <= VL ? VL : CHANNELS;
        int from = block * blockSize;
        int channel = block / blocksOfGroup * out + column;
        float[] weights = dw.array();
        for (int c = 0; c < width; c++) {
            int to = dw.offset() + (channel + c) * terms;
            for (int q = 0; q < terms; q++) {
                weights[to + q] = sums[from + q * ld + c];
            }
            if (db != null) {
                db.array()[db.offset() + channel + c] = sums[from + paddedTerms * ld + c];
            }
        }
    }
}
