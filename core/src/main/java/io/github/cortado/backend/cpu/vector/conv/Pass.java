package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.pool.TwoByTwoRelu;
import org.jspecify.annotations.Nullable;

/**
 * One sweep over pictures with {@link OutputKernel}: forward, or a phase of the input's gradient.
 *
 * <p>Pictures, or strips of them, are spread over the threads, of a single picture the output
 * channels too; no sum crosses them, so the bits do not depend on the threads. A chunk has the
 * scratch arrays PLANES and OUTPUTS, and pooling VALUES and PLACES beside them; WEIGHTS are the
 * caller's, or a chunk's own where channels are spread.
 */
final class Pass {
    /** Neighbouring outputs that are worth being told of. */
    static final int TOLD = 128;

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

    private final Planes planes;
    private final int n;
    private final Channels channels;
    private final int groups;
    private final int in;
    private final int out;
    private final int[] distance;
    private final int terms;
    private final int blocksOfGroup;
    private final float limit;

    /**
     * A sweep over {@code n} pictures.
     *
     * @param distance where each term lies in the planes
     * @param limit what outputs are cut off at; NaN leaves them
     */
    Pass(Planes planes, int n, Channels channels, int[] distance, double limit) {
        this.planes = planes;
        this.n = n;
        this.channels = channels;
        groups = channels.groups();
        in = channels.in();
        out = channels.out();
        this.distance = distance;
        terms = distance.length;
        blocksOfGroup = channels.blocksOfGroup(OutputKernel.CHANNELS);
        this.limit = (float) limit;
    }

    /**
     * Pieces of work that a strip makes: pictures are spread over the threads, but of a single one
     * the blocks of 8 channels are.
     */
    static int pieces(int n, Channels channels) {
        return n == 1 ? channels.groups() * channels.blocksOfGroup(OutputKernel.CHANNELS) : 1;
    }

    /** Writes the outputs. */
    void run(HostBuffer.Floats x, Weights weights, OutputGrid grid, HostBuffer.Floats y) {
        float[] to = y.array();
        int yOff = y.offset();
        boolean tells = y.isFollowed() && planes.stripRows() * grid.columns().size() >= TOLD;
        run(
                x,
                weights,
                (tile, at, picture, channel, firstRow, rows) -> {
                    int plane = (picture * groups * out + channel) * grid.channelSize();
                    int begin = plane + grid.begin(firstRow);
                    grid.copy(planes, tile, at, rows, to, yOff + begin);
                    if (tells) {
                        y.ready(begin, rows * grid.columns().size());
                    }
                });
    }

    /** Whether no window of two rows is cut by the strips. */
    boolean keepsPairsOfRows() {
        return planes.strips() == 1 || planes.stripRows() % 2 == 0;
    }

    /** As {@link #run}, but for the largest of each 2 x 2 outputs and of 0, and which it is. */
    void runPooled(
            HostBuffer.Floats x,
            Weights weights,
            HostBuffer.Floats y,
            HostBuffer.@Nullable Bytes index,
            Pool2dSpec s) {
        run(
                x,
                weights,
                (tile, at, picture, channel, firstRow, rows) -> {
                    int plane = picture * groups * out + channel;
                    int first = (plane * s.outH() + firstRow / 2) * s.outW();
                    int stride = planes.rowStride();
                    TwoByTwoRelu.plane(tile, at, stride, y, index, first, rows / 2, s.outW());
                });
    }

    private void run(HostBuffer.Floats x, Weights weights, Sink sink) {
        int units = planes.units(n);
        int blocks = groups * blocksOfGroup;
        boolean planesAreKept = planes.length(in) <= Scratch.MAX_KEPT;
        if (n == 1 && blocks > 1 && units < Planes.FEW_UNITS && planesAreKept) {
            runBlocks(units, blocks, x, weights, sink);
            return;
        }
        float[] packed = weights.blocks(channels, terms, OutputKernel.CHANNELS);
        Parallel.forChunks(
                units,
                unit -> {
                    Planes.Strip strip = planes.strip(unit, n);
                    for (int g = 0; g < groups; g++) {
                        float[] laidOut = laidOut(strip, g, x);
                        for (int b = 0; b < blocksOfGroup; b++) {
                            int block = g * blocksOfGroup + b;
                            block(strip, block, packed, block * blockLength(), laidOut, sink);
                        }
                    }
                });
    }

    /** Block by block: a thread packs the weights that it uses, and lays out a strip once. */
    private void runBlocks(int units, int blocks, HostBuffer.Floats x, Weights weights, Sink sink) {
        Object sweep = new Object();
        float[] kept = weights.kept(channels, terms, OutputKernel.CHANNELS);
        Parallel.forChunks(
                units * blocks,
                chunk -> {
                    int block = chunk % blocks;
                    int group = block / blocksOfGroup;
                    Planes.Strip strip = planes.strip(chunk / blocks, n);
                    LaidOut done = LAID_OUT.get();
                    int wanted = chunk / blocks * groups + group;
                    boolean isThere = done.sweep == sweep && done.strip == wanted;
                    float[] laidOut =
                            isThere
                                    ? Scratch.PLANES.floats(planes.length(in))
                                    : laidOut(strip, group, x);
                    done.sweep = sweep;
                    done.strip = wanted;
                    if (kept != null) {
                        block(strip, block, kept, block * blockLength(), laidOut, sink);
                        return;
                    }
                    float[] packed = Scratch.WEIGHTS.floats(blockLength());
                    weights.block(channels, block, terms, OutputKernel.CHANNELS, packed, 0);
                    block(strip, block, packed, 0, laidOut, sink);
                });
    }

    /** Floats of the weights of 8 channels and their biases. */
    private int blockLength() {
        return (terms + 1) * OutputKernel.CHANNELS;
    }

    private float[] laidOut(Planes.Strip strip, int group, HostBuffer.Floats x) {
        int groupSize = in * planes.channelSize();
        float[] laidOut = Scratch.PLANES.floats(planes.length(in));
        int from = x.offset() + group * groupSize;
        planes.fill(x.array(), from, groups * groupSize, strip, in, laidOut);
        return laidOut;
    }

    /** The outputs of a strip in 8 channels, whose weights are packed from {@code at} on. */
    private void block(
            Planes.Strip strip, int block, float[] packed, int at, float[] laidOut, Sink sink) {
        int group = block / blocksOfGroup;
        int c = block % blocksOfGroup * OutputKernel.CHANNELS;
        int width = Math.min(OutputKernel.CHANNELS, out - c);
        int positions = planes.positions(strip.rows());
        int ld = positions + 4 * VL;
        float[] tile = Scratch.OUTPUTS.floats(OutputKernel.CHANNELS * ld);
        OutputKernel.outputs(
                width,
                positions,
                terms,
                packed,
                at,
                packed,
                at + terms * OutputKernel.CHANNELS,
                laidOut,
                0,
                distance,
                tile,
                0,
                ld);
        Cut.off(limit, tile, 0, width, positions, ld);
        for (int r = 0; r < width; r++) {
            for (int k = 0; k < strip.count(); k++) {
                sink.take(
                        tile,
                        r * ld + k * planes.width(),
                        strip.picture() + k,
                        group * out + c + r,
                        strip.firstRow(),
                        strip.rows());
            }
        }
    }
}
