package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.pool.TwoByTwoRelu;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import org.jspecify.annotations.Nullable;

/**
 * One sweep over pictures with the outputs kernel: forward, or a phase of the input's gradient.
 *
 * @param in channels read by a group
 * @param out channels written by a group
 * @param distance where each of the {@code terms} terms lies in the planes
 * @param weights packs those of 8 channels at a time
 * @param h rows of the pictures written
 * @param stepH rows of it from one output to the next, beginning with {@code firstH}
 * @param restFollows what lies between outputs is written later, and may be overwritten
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
public record ConvPass(
        Planes planes,
        int n,
        int groups,
        int in,
        int out,
        int[] distance,
        int terms,
        ConvWeights weights,
        int h,
        int w,
        int stepH,
        int stepW,
        int firstH,
        int firstW,
        boolean restFollows) {
    /** Packing so many floats takes longer than to hand it over. */
    private static final int SHARED_PACKING = 1 << 13;

    /** Each lane of the lower half twice, and of the upper. */
    private static final VectorShuffle<Float> LOWER_HALF =
            VectorShuffle.fromOp(SPECIES, l -> l / 2);

    private static final VectorShuffle<Float> UPPER_HALF =
            VectorShuffle.fromOp(SPECIES, l -> (VL + l) / 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

    /** Where a thread has a strip of a group laid out, and of which sweep. */
    private static final ThreadLocal<LaidOut> LAID_OUT = ThreadLocal.withInitial(LaidOut::new);

    private static final class LaidOut {
        Object sweep = this;
        int strip;
    }

    /**
     * What becomes of a channel's outputs: rows of them from {@code at} on, with garbage between.
     */
    @FunctionalInterface
    private interface Sink {
        void take(float[] tile, int at, int picture, int channel, int firstRow, int rows);
    }

    void run(float[] x, int xOff, float[] y, int yOff, boolean relu) {
        run(
                x,
                xOff,
                (tile, at, picture, channel, firstRow, rows) -> {
                    int plane = (picture * groups * out + channel) * h * w;
                    int first = (firstRow * stepH + firstH) * w + firstW;
                    copy(tile, at, rows, y, yOff + plane + first, relu);
                });
    }

    /** Whether no window of two rows is cut by the strips. */
    public boolean canPool() {
        return planes.strips() == 1 || planes.stripRows() % 2 == 0;
    }

    /** As {@link #run}, but for the largest of each 2 x 2 outputs and of 0; index may be null. */
    public void runPooled(
            float[] x,
            int xOff,
            float[] y,
            int yOff,
            byte @Nullable [] index,
            int indexOff,
            Pool2dSpec s) {
        run(
                x,
                xOff,
                (tile, at, picture, channel, firstRow, rows) -> {
                    int plane = picture * groups * out + channel;
                    int to = (plane * s.outH() + firstRow / 2) * s.outW();
                    TwoByTwoRelu.plane(
                            tile,
                            at,
                            planes.rowStride(),
                            y,
                            yOff + to,
                            index,
                            indexOff + to,
                            rows / 2,
                            s.outW());
                });
    }

    /**
     * Pieces of work that a strip makes, of so many blocks of 8 channels: pictures are spread over
     * the threads, but of a single one the blocks are.
     */
    static int pieces(int n, int blocks) {
        return n == 1 ? blocks : 1;
    }

    private int blocksOfGroup() {
        return IntMath.ceilDiv(out, ConvOutputKernel.CHANNELS);
    }

    private int blockLength() {
        return (terms + 1) * ConvOutputKernel.CHANNELS;
    }

    private void run(float[] x, int xOff, Sink sink) {
        int units = planes.units(n);
        int blocks = groups * blocksOfGroup();
        boolean planesAreKept = planes.length(in) <= Scratch.MAX_KEPT;
        if (pieces(n, blocks) > 1 && units < Planes.FEW_UNITS && planesAreKept) {
            runBlocks(units, blocks, x, xOff, sink);
            return;
        }
        float[] packed = Scratch.WEIGHTS.floats(blocks * blockLength());
        if (blocks * blockLength() < SHARED_PACKING) {
            for (int block = 0; block < blocks; block++) {
                pack(block, packed, block * blockLength());
            }
        } else {
            Parallel.forChunks(blocks, block -> pack(block, packed, block * blockLength()));
        }
        Parallel.forChunks(
                units,
                unit -> {
                    Strip strip = strip(unit);
                    for (int g = 0; g < groups; g++) {
                        float[] laidOut = laidOut(strip, g, x, xOff);
                        for (int b = 0; b < blocksOfGroup(); b++) {
                            int block = g * blocksOfGroup() + b;
                            block(strip, block, packed, block * blockLength(), laidOut, sink);
                        }
                    }
                });
    }

    /** Block by block: a thread packs the weights that it uses, and lays out a strip once. */
    private void runBlocks(int units, int blocks, float[] x, int xOff, Sink sink) {
        Object sweep = new Object();
        Parallel.forChunks(
                units * blocks,
                chunk -> {
                    int block = chunk % blocks;
                    int group = block / blocksOfGroup();
                    Strip strip = strip(chunk / blocks);
                    LaidOut done = LAID_OUT.get();
                    int wanted = chunk / blocks * groups + group;
                    boolean isThere = done.sweep == sweep && done.strip == wanted;
                    float[] laidOut =
                            isThere
                                    ? Scratch.PLANES.floats(planes.length(in))
                                    : laidOut(strip, group, x, xOff);
                    done.sweep = sweep;
                    done.strip = wanted;
                    float[] packed = Scratch.WEIGHTS.floats(blockLength());
                    pack(block, packed, 0);
                    block(strip, block, packed, 0, laidOut, sink);
                });
    }

    /** Some rows of outputs of a few pictures side by side, mostly of one. */
    private record Strip(int picture, int count, int firstRow, int rows) {}

    private Strip strip(int unit) {
        int picture = unit / planes.strips() * planes.pictures();
        int firstRow = unit % planes.strips() * planes.stripRows();
        return new Strip(
                picture,
                Math.min(planes.pictures(), n - picture),
                firstRow,
                Math.min(planes.stripRows(), planes.outRows() - firstRow));
    }

    private float[] laidOut(Strip strip, int group, float[] x, int xOff) {
        int groupSize = in * planes.h() * planes.w();
        int pictureSize = groups * groupSize;
        float[] laidOut = Scratch.PLANES.floats(planes.length(in));
        planes.fill(
                x,
                xOff + strip.picture * pictureSize + group * groupSize,
                pictureSize,
                strip.count,
                in,
                strip.firstRow,
                laidOut);
        return laidOut;
    }

    private void pack(int block, float[] packed, int at) {
        int c = block % blocksOfGroup() * ConvOutputKernel.CHANNELS;
        int biasAt = at + terms * ConvOutputKernel.CHANNELS;
        Arrays.fill(packed, biasAt, biasAt + ConvOutputKernel.CHANNELS, 0f);
        weights.pack(
                block / blocksOfGroup(),
                c,
                Math.min(ConvOutputKernel.CHANNELS, out - c),
                packed,
                at);
    }

    /** The outputs of a strip in 8 channels, whose weights are packed from {@code at} on. */
    private void block(Strip strip, int block, float[] packed, int at, float[] laidOut, Sink sink) {
        int group = block / blocksOfGroup();
        int c = block % blocksOfGroup() * ConvOutputKernel.CHANNELS;
        int width = Math.min(ConvOutputKernel.CHANNELS, out - c);
        int positions = planes.positions(strip.rows);
        int ld = positions + 4 * VL;
        float[] tile = Scratch.OUTPUTS.floats(ConvOutputKernel.CHANNELS * ld);
        ConvOutputKernel.outputs(
                width,
                positions,
                terms,
                packed,
                at,
                packed,
                at + terms * ConvOutputKernel.CHANNELS,
                laidOut,
                0,
                distance,
                tile,
                ld);
        for (int r = 0; r < width; r++) {
            for (int k = 0; k < strip.count; k++) {
                sink.take(
                        tile,
                        r * ld + k * planes.width(),
                        strip.picture + k,
                        group * out + c + r,
                        strip.firstRow,
                        strip.rows);
            }
        }
    }

    /**
     * Copies rows of outputs without the garbage between them. Whole vectors run over the end of a
     * row where the next row, which comes later, mends that.
     */
    private void copy(float[] from, int at, int rows, float[] y, int yAt, boolean relu) {
        int columns = planes.outColumns();
        boolean dense = stepW == 1 && stepH == 1 && columns == w;
        for (int i = 0; i < rows; i++) {
            int source = at + i * planes.rowStride();
            int target = yAt + i * stepH * w;
            int j = 0;
            if (dense) {
                int whole = Math.min(columns + VL - 1, (rows - i) * w) / VL * VL;
                for (; j < whole; j += VL) {
                    FloatVector v = FloatVector.fromArray(SPECIES, from, source + j);
                    if (relu) {
                        FloatVector.zero(SPECIES).max(v).intoArray(y, target + j);
                    } else {
                        v.intoArray(y, target + j);
                    }
                }
            } else if (stepW == 2 && !relu) {
                j = everySecond(from, source, y, target, w - firstW);
            }
            for (; j < columns; j++) {
                float v = from[source + j];
                y[target + j * stepW] = relu ? Math.max(v, 0f) : v;
            }
        }
    }

    /**
     * Writes outputs to every second of {@code room} elements, in whole vectors, and the others
     * back as they are where nobody writes them later; returns how many outputs it wrote.
     */
    private int everySecond(float[] from, int source, float[] y, int target, int room) {
        int j = 0;
        for (; 2 * (j + VL) <= room && j + VL <= planes.outColumns(); j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, from, source + j);
            FloatVector lower = v.rearrange(LOWER_HALF);
            FloatVector upper = v.rearrange(UPPER_HALF);
            int to = target + 2 * j;
            if (!restFollows) {
                lower = lower.blend(FloatVector.fromArray(SPECIES, y, to), ODD);
                upper = upper.blend(FloatVector.fromArray(SPECIES, y, to + VL), ODD);
            }
            lower.intoArray(y, to);
            upper.intoArray(y, to + VL);
        }
        return j;
    }
}
