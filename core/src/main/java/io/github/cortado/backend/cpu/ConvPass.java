package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.GemmKernels.SPECIES;
import static io.github.cortado.backend.cpu.GemmKernels.VL;

import io.github.cortado.backend.Pool2dSpec;
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
 * @param packed weights as [group, block of 8 outputs, term, 8], then the biases at biasAt
 * @param h rows of the pictures written
 * @param stepH rows of it from one output to the next, beginning with {@code firstH}
 * @param restFollows what lies between outputs is written later, and may be overwritten
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
record ConvPass(
        ConvPlanes planes,
        int n,
        int groups,
        int in,
        int out,
        int[] distance,
        int terms,
        float[] packed,
        int biasAt,
        int h,
        int w,
        int stepH,
        int stepW,
        int firstH,
        int firstW,
        boolean restFollows) {
    /** Each lane of the lower half twice, and of the upper. */
    private static final VectorShuffle<Float> LOWER_HALF =
            VectorShuffle.fromOp(SPECIES, l -> l / 2);

    private static final VectorShuffle<Float> UPPER_HALF =
            VectorShuffle.fromOp(SPECIES, l -> (VL + l) / 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

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
    boolean canPool() {
        return planes.strips() == 1 || planes.stripRows() % 2 == 0;
    }

    /** As {@link #run}, but for the largest of each 2 x 2 outputs and of 0; index may be null. */
    void runPooled(
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
                    VectorReluPooling.plane(
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

    private void run(float[] x, int xOff, Sink sink) {
        Parallel.forChunks(planes.units(n), unit -> unit(unit, x, xOff, sink));
    }

    private void unit(int unit, float[] x, int xOff, Sink sink) {
        int picture = unit / planes.strips() * planes.pictures();
        int count = Math.min(planes.pictures(), n - picture);
        int firstRow = unit % planes.strips() * planes.stripRows();
        int rows = Math.min(planes.stripRows(), planes.outRows() - firstRow);
        int groupSize = in * planes.h() * planes.w();
        int pictureSize = groups * groupSize;
        float[] laidOut = Parallel.scratch(VectorConv2d.SLOT_PLANES, planes.length(in));
        int positions = planes.positions(rows);
        int ld = positions + 4 * VL;
        float[] tile = Parallel.scratch(VectorConv2d.SLOT_OUTPUTS, ConvOutputKernel.CHANNELS * ld);
        int block = 0;
        for (int g = 0; g < groups; g++) {
            int from = xOff + picture * pictureSize + g * groupSize;
            planes.fill(x, from, pictureSize, count, in, firstRow, laidOut);
            for (int c = 0; c < out; c += ConvOutputKernel.CHANNELS) {
                int width = Math.min(ConvOutputKernel.CHANNELS, out - c);
                ConvOutputKernel.outputs(
                        width,
                        positions,
                        terms,
                        packed,
                        block * terms * ConvOutputKernel.CHANNELS,
                        packed,
                        biasAt + block * ConvOutputKernel.CHANNELS,
                        laidOut,
                        0,
                        distance,
                        tile,
                        ld);
                for (int r = 0; r < width; r++) {
                    for (int k = 0; k < count; k++) {
                        sink.take(
                                tile,
                                r * ld + k * planes.width(),
                                picture + k,
                                g * out + c + r,
                                firstRow,
                                rows);
                    }
                }
                block++;
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
