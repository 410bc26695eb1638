package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of a convolution's weights and bias.
 *
 * <p>Lanes run over output channels: a picture's dy is turned into [position, channels], and each
 * register tile of 12 taps by 2 vectors of channels sums over all positions of the picture, with x
 * laid out as for the forward direction ({@link Planes}). Pictures are cut into a fixed number of
 * chunks with a partial sum each, and the partial sums are added in ascending order, so the bits do
 * not depend on the threads. Where a partial sum is large there are fewer of them, and the channels
 * are spread over the threads as well.
 */
public final class ConvWeightGradient {
    private static final int MAX_CHUNKS = 16;
    private static final int MAX_PARTIALS = 1 << 22;

    /** Output channels of a block, two vectors. */
    private static final int CHANNELS = 2 * VL;

    private final Conv2dSpec spec;
    private final Planes planes;
    private final int in;
    private final int out;
    private final int terms;
    private final int paddedTerms;
    private final int columns;
    private final int[] distance;
    private final int[] position;

    ConvWeightGradient(Conv2dSpec spec) {
        this.spec = spec;
        planes = VectorConv2d.inputPlanes(spec);
        in = spec.inChannels() / spec.groups();
        out = spec.outChannels() / spec.groups();
        terms = in * spec.kernelH() * spec.kernelW();
        paddedTerms = IntMath.ceilDiv(terms, ConvWeightKernel.PADDING) * ConvWeightKernel.PADDING;
        columns = IntMath.ceilDiv(out, CHANNELS);
        distance = VectorConv2d.inputDistances(spec, planes, paddedTerms);
        position = new int[planes.stripRows() * spec.outW()];
        for (int p = 0; p < position.length; p++) {
            position[p] = p / spec.outW() * planes.rowStride() + p % spec.outW();
        }
    }

    void run(
            float[] x,
            int xOff,
            float[] dy,
            int dyOff,
            float[] dw,
            int dwOff,
            float[] db,
            int dbOff) {
        int blocks = spec.groups() * columns;
        int units = planes.units(spec.n());
        int chunks =
                Math.max(1, Math.min(Math.min(MAX_CHUNKS, units), MAX_PARTIALS / partialSize()));
        int spread = chunks < MAX_CHUNKS / 2 ? blocks : 1;
        float[] partials = Scratch.PARTIALS.floats(chunks * partialSize());
        Parallel.forChunks(
                chunks * spread,
                chunk -> {
                    int part = chunk / spread;
                    int first = chunk % spread * (blocks / spread);
                    int end = first + blocks / spread;
                    int base = part * partialSize();
                    Arrays.fill(partials, base + first * blockSize(), base + end * blockSize(), 0f);
                    int unitEnd = (int) ((long) units * (part + 1) / chunks);
                    for (int unit = (int) ((long) units * part / chunks); unit < unitEnd; unit++) {
                        unit(unit, first, end, x, xOff, dy, dyOff, partials, base);
                    }
                });
        Parallel.forChunks(
                blocks,
                block -> {
                    for (int part = 1; part < chunks; part++) {
                        add(
                                partials,
                                part * partialSize() + block * blockSize(),
                                block * blockSize());
                    }
                    unpack(block, partials, dw, dwOff, db, dbOff);
                });
    }

    /** Floats of the sums of one block of channels: each term's, then the bias's. */
    private int blockSize() {
        return (paddedTerms + 1) * CHANNELS;
    }

    private int partialSize() {
        return spec.groups() * columns * blockSize();
    }

    private void unit(
            int unit,
            int firstBlock,
            int endBlock,
            float[] x,
            int xOff,
            float[] dy,
            int dyOff,
            float[] partials,
            int base) {
        int picture = unit / planes.strips() * planes.pictures();
        int count = Math.min(planes.pictures(), spec.n() - picture);
        int firstRow = unit % planes.strips() * planes.stripRows();
        int rows = Math.min(planes.stripRows(), planes.outRows() - firstRow);
        int groupSize = in * planes.h() * planes.w();
        int pictureSize = spec.groups() * groupSize;
        float[] laidOut = Scratch.PLANES.floats(planes.length(in));
        int laidOutGroup = -1;
        int positions = rows * spec.outW();
        int outSize = spec.outH() * spec.outW();
        float[] turned = Scratch.OUTPUTS.floats(positions * CHANNELS);
        for (int block = firstBlock; block < endBlock; block++) {
            int group = block / columns;
            if (group != laidOutGroup) {
                int from = xOff + picture * pictureSize + group * groupSize;
                planes.fill(x, from, pictureSize, count, in, firstRow, laidOut);
                laidOutGroup = group;
            }
            int column = block % columns * CHANNELS;
            int width = Math.min(CHANNELS, out - column);
            int ld = width <= VL ? VL : CHANNELS;
            int to = base + block * blockSize();
            for (int k = 0; k < count; k++) {
                int channel = (picture + k) * spec.outChannels() + group * out + column;
                int source = dyOff + channel * outSize + firstRow * spec.outW();
                Packing.columns(dy, source, outSize, positions, width, turned, 0, ld);
                int planeOff = k * planes.width();
                ConvWeightKernel.weights(
                        positions, terms, laidOut, planeOff, position, distance, turned, 0, ld,
                        partials, to);
                ConvWeightKernel.bias(positions, turned, 0, ld, partials, to + paddedTerms * ld);
            }
        }
    }

    private void add(float[] partials, int from, int to) {
        for (int i = 0; i < blockSize(); i += VL) {
            FloatVector.fromArray(Lanes.SPECIES, partials, to + i)
                    .add(FloatVector.fromArray(Lanes.SPECIES, partials, from + i))
                    .intoArray(partials, to + i);
        }
    }

    private void unpack(int block, float[] sums, float[] dw, int dwOff, float[] db, int dbOff) {
        int column = block % columns * CHANNELS;
        int width = Math.min(CHANNELS, out - column);
        int ld = width <= VL ? VL : CHANNELS;
        int from = block * blockSize();
        int channel = block / columns * out + column;
        for (int c = 0; c < width; c++) {
            for (int q = 0; q < terms; q++) {
                dw[dwOff + (channel + c) * terms + q] = sums[from + q * ld + c];
            }
            if (db.length > 0) {
                db[dbOff + channel + c] = sums[from + paddedTerms * ld + c];
            }
        }
    }
}
