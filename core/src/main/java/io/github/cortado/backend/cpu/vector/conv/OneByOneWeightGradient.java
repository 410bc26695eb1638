package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import io.github.cortado.backend.cpu.vector.product.GemmKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights of a 1x1 convolution as a product, dw[o, c] = sum over p of dy[o, p]
 * x[c, p] with the positions p of all pictures.
 *
 * <p>Of dy and x, the one with fewer channels is turned into [position, channel] for lanes, some
 * pictures or a piece of a large one at a time; the other is read where it lies ({@link
 * WeightKernel}). Either way an element is the same sum. There are few partial sums, since they are
 * as large as dw: one for {@value #MIN_POSITIONS} positions or more. The tiles of each are spread
 * over the threads, so the bits do not depend on those.
 */
final class OneByOneWeightGradient implements Convolution.WeightGradient {
    /** Positions of a partial sum at least. */
    private static final int MIN_POSITIONS = 256;

    private static final int MAX_PARTIALS = 16;

    /** Floats of all partial sums. */
    private static final int MAX_SUMS = 1 << 22;

    /** Positions that are turned at one time: of small pictures together, or of a large one. */
    private static final int FEW_POSITIONS = 256;

    private static final int MANY_POSITIONS = 1024;

    /**
     * Rows of so many positions of a picture are long: 16 cost more than to find each by a table.
     */
    private static final int LONG_ROWS = 4 * VL;

    private static final int MIN_CHANNELS = 8;

    private final Conv2dSpec conv;
    private final int size;
    private final int pictures;
    private final int pieces;
    private final int units;
    private final int partials;

    OneByOneWeightGradient(Conv2dSpec conv) {
        this.conv = conv;
        size = conv.h() * conv.w();
        pictures = Math.max(1, FEW_POSITIONS / size);
        pieces = IntMath.ceilDiv(size, MANY_POSITIONS);
        units = IntMath.ceilDiv(conv.n(), pictures) * pieces;
        int most = Math.min(MAX_PARTIALS, MAX_SUMS / (conv.inChannels() * conv.outChannels()));
        int enough = Math.min(units, conv.n() * size / MIN_POSITIONS);
        partials = Math.max(1, Math.min(most, enough));
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        if (!OneByOneOutputs.isProduct(s)) {
            return "not a product of channels";
        }
        int channels = Math.min(s.inChannels(), s.outChannels());
        return channels < MIN_CHANNELS ? channels + " channels are few" : null;
    }

    /** An array of pictures with so many channels. */
    private record Pictures(HostBuffer.Floats values, int channels) {}

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        Pictures in = new Pictures(x, conv.inChannels());
        Pictures out = new Pictures(dy, conv.outChannels());
        if (db != null || out.channels < in.channels) {
            new Sums(out, in, true).run(dw, db);
        } else {
            new Sums(in, out, false).run(dw, null);
        }
    }

    /** What is summed for a call. */
    private final class Sums {
        private final Pictures lanes;
        private final Pictures rows;

        /** Whether lanes are output channels. */
        private final boolean lanesAreOutputs;

        /** Lanes of a block. */
        private final int together;

        private final int paddedRows;
        private final int[] distance;
        private final int[] position;

        /** Blocks of lanes, floats of the sums of one, each row's and then the bias's. */
        private final int blocks;

        private final int blockSize;

        Sums(Pictures lanes, Pictures rows, boolean lanesAreOutputs) {
            this.lanes = lanes;
            this.rows = rows;
            this.lanesAreOutputs = lanesAreOutputs;
            together = WeightKernel.channels(lanes.channels);
            paddedRows = IntMath.roundUp(rows.channels, WeightKernel.PADDING);
            distance = new int[paddedRows];
            Arrays.setAll(distance, q -> Math.min(q, rows.channels - 1) * size);
            position = new int[Math.min(pictures * size, MANY_POSITIONS)];
            Arrays.setAll(position, p -> p / size * rows.channels * size + p % size);
            blocks = IntMath.ceilDiv(lanes.channels, together);
            blockSize = (paddedRows + 1) * together;
        }

        void run(HostBuffer.Floats dw, HostBuffer.@Nullable Floats db) {
            float[] sums = Scratch.PARTIALS.floats(partials * blocks * blockSize);
            Parallel.forChunks(
                    partials * blocks,
                    chunk -> {
                        int partial = chunk / blocks;
                        int end = (int) ((long) units * (partial + 1) / partials);
                        int to = chunk * blockSize;
                        Arrays.fill(sums, to, to + blockSize, 0f);
                        int unit = (int) ((long) units * partial / partials);
                        for (; unit < end; unit++) {
                            unit(unit, chunk % blocks, db != null, sums, to);
                        }
                    });
            Parallel.forChunks(
                    blocks,
                    block -> {
                        int to = block * blockSize;
                        for (int partial = 1; partial < partials; partial++) {
                            add(sums, to, to + partial * blocks * blockSize);
                        }
                        unpack(block, sums, dw, db);
                    });
        }

        private int width(int block) {
            return Math.min(together, lanes.channels - block * together);
        }

        /** Floats from one row of sums to the next: a block may have a single vector. */
        private int ld(int block) {
            return width(block) <= VL ? VL : together;
        }

        private void unit(int unit, int block, boolean bias, float[] sums, int to) {
            int first = unit / pieces * pictures;
            int count = Math.min(pictures, conv.n() - first);
            int begin = unit % pieces * MANY_POSITIONS;
            int length = Math.min(size - begin, MANY_POSITIONS);
            int ld = ld(block);
            float[] turned = Scratch.OUTPUTS.floats(count * length * ld);
            float[] from = lanes.values.array();
            for (int k = 0; k < count; k++) {
                int at = ((first + k) * lanes.channels + block * together) * size + begin;
                int source = lanes.values.offset() + at;
                int target = k * length * ld;
                Packing.columns(from, source, size, length, width(block), turned, target, ld);
            }
            int at = rows.values.offset() + first * rows.channels * size + begin;
            if (readsRows(ld)) {
                readRows(count, length, at, turned, sums, to);
            } else {
                WeightKernel.weights(
                        count * length,
                        rows.channels,
                        rows.values.array(),
                        at,
                        position,
                        distance,
                        turned,
                        0,
                        ld,
                        sums,
                        to);
            }
            if (bias) {
                WeightKernel.bias(count * length, turned, 0, ld, sums, to + paddedRows * ld);
            }
        }

        /** Whether positions of a picture are enough for the tile that reads them by rows. */
        private boolean readsRows(int ld) {
            return GemmKernels.READS_ROWS
                    && ld == GemmKernels.NR
                    && rows.channels % GemmKernels.MR == 0
                    && size >= LONG_ROWS;
        }

        /** The sums of {@code length} positions from {@code at} on of each of some pictures. */
        private void readRows(int count, int length, int at, float[] turned, float[] sums, int to) {
            int ld = GemmKernels.NR;
            float[] from = rows.values.array();
            for (int k = 0; k < count; k++) {
                int panel = k * length * ld;
                for (int q = 0; q < rows.channels; q += GemmKernels.MR) {
                    int row = at + (k * rows.channels + q) * size;
                    GemmKernels.rows(length, from, row, size, turned, panel, sums, to + q * ld, ld);
                }
            }
        }

        private void add(float[] sums, int to, int from) {
            for (int i = 0; i < blockSize; i += VL) {
                FloatVector.fromArray(SPECIES, sums, to + i)
                        .add(FloatVector.fromArray(SPECIES, sums, from + i))
                        .intoArray(sums, to + i);
            }
        }

        private void unpack(
                int block, float[] sums, HostBuffer.Floats dw, HostBuffer.@Nullable Floats db) {
            int ld = ld(block);
            int width = width(block);
            int from = block * blockSize;
            int lane = block * together;
            float[] weights = dw.array();
            if (!lanesAreOutputs) {
                for (int q = 0; q < rows.channels; q++) {
                    int to = dw.offset() + q * lanes.channels + lane;
                    System.arraycopy(sums, from + q * ld, weights, to, width);
                }
                return;
            }
            for (int c = 0; c < width; c++) {
                int to = dw.offset() + (lane + c) * rows.channels;
                for (int q = 0; q < rows.channels; q++) {
                    weights[to + q] = sums[from + q * ld + c];
                }
                if (db != null) {
                    int at = from + paddedRows * ld + c;
                    db.array()[db.offset() + lane + c] = sums[at];
                }
            }
        }
    }
}
