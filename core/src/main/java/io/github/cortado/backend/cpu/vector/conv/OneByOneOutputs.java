package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * 1x1 convolution as a product, y[o, p] = sum over c of w[o, c] x[c, p] and its transpose for dx:
 * no taps, no borders, and so no rows: the positions p of all pictures are one row, cut into panels
 * of 3 vectors, or of 2 where registers are 16.
 *
 * <p>Some panels of all channels are copied at a time, so that lines neither meet in one set of the
 * cache nor end between vectors; each then stays in a near cache while all blocks of 8 channels
 * pass by ({@link OutputKernel}). Large planes that few blocks pass are read where they lie, if
 * registers are many. The caller has the scratch array WEIGHTS, a chunk PLANES and OUTPUTS.
 */
final class OneByOneOutputs {
    private static final int PANEL = MANY_REGISTERS ? 3 * VL : PanelKernel.WIDTH;
    private static final int CHANNELS = OutputKernel.CHANNELS;

    /** Fewer panels are few for the threads, and lose much where the last one is not full. */
    private static final int MIN_PANELS = 8;

    /** Floats of the panels that are laid out together, and how many panels. */
    private static final int GROUP_FLOATS = 1 << 17;

    private static final int MAX_PANELS = 22;

    /** Pieces of parallel work that there are rather than larger ones. */
    private static final int CHUNKS = 16;

    private static final int ROWS = 8;

    /** Planes so large are read where they lie, if by so few blocks of channels. */
    private static final int LARGE = 5 * PANEL;

    private static final int FEW_BLOCKS = 4;

    private final int in;
    private final int out;

    /** What results are cut off at; NaN leaves them. */
    private final float limit;

    private final Channels channels;

    /** Positions of a picture, and of all. */
    private final int size;

    private final int positions;

    /** Whether nothing is laid out: that would take as long as what is done with it. */
    private final boolean readInPlace;

    /** Positions that are laid out together, and floats of a panel. */
    private final int group;

    private final int stride;
    private final int[] distance;
    private final int blocks;
    private final int blockLength;

    private OneByOneOutputs(Conv2dSpec s, Channels channels, double limit) {
        in = channels.in();
        out = channels.out();
        this.channels = channels;
        this.limit = (float) limit;
        size = s.h() * s.w();
        positions = s.n() * size;
        stride = in * PANEL + VL;
        int most = Math.min(MAX_PANELS, GROUP_FLOATS / stride);
        group = Math.max(1, Math.min(most, positions / PANEL / CHUNKS)) * PANEL;
        blocks = channels.blocksOfGroup(CHANNELS);
        readInPlace = MANY_REGISTERS && size >= LARGE && size % VL == 0 && blocks <= FEW_BLOCKS;
        distance = new int[in];
        Arrays.setAll(distance, c -> c * (readInPlace ? size : PANEL));
        blockLength = (in + 1) * CHANNELS;
    }

    /** Why a direction that writes so many channels cannot, or better does not go this way. */
    private static @Nullable String obstacle(Conv2dSpec s, int out) {
        if (!isProduct(s)) {
            return "not a product of channels";
        }
        if (out < CHANNELS) {
            return out + " channels to write are few";
        }
        int positions = s.n() * s.h() * s.w();
        return positions < MIN_PANELS * PANEL ? positions + " positions are few" : null;
    }

    /** Whether each position is on its own, and all channels meet. */
    static boolean isProduct(Conv2dSpec s) {
        return s.kernelH() * s.kernelW() == 1
                && s.strideH() * s.strideW() == 1
                && s.padH() + s.padW() == 0
                && s.groups() == 1;
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        return obstacle(s, s.outChannels());
    }

    static @Nullable String obstacleToInputGradient(Conv2dSpec s) {
        return obstacle(s, s.inChannels());
    }

    /** y = w x + b, cut off where the problem says so. */
    static Convolution.Forward forward(Conv2dSpec s) {
        var plan = new OneByOneOutputs(s, Channels.forward(s), s.limit());
        return (x, w, b, y) -> plan.run(x, Weights.forward(s, w, b, CHANNELS), y);
    }

    /** dx = w^T dy. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        var plan = new OneByOneOutputs(s, Channels.backward(s), Double.NaN);
        return (dy, w, dx) -> {
            Weights turned =
                    (group, c, width, packed, at) -> {
                        int ld = s.inChannels();
                        int depth = s.outChannels();
                        int from = w.offset() + c;
                        Packing.rows(w.array(), from, ld, depth, width, packed, at, CHANNELS);
                    };
            plan.run(dy, turned, dx);
        };
    }

    private void run(HostBuffer.Floats x, Weights weights, HostBuffer.Floats y) {
        float[] packed = weights.blocks(channels, in, CHANNELS);
        Parallel.forChunks(
                IntMath.ceilDiv(positions, group), chunk -> group(chunk * group, x, packed, y));
    }

    /** All channels of the panels that begin with position {@code first}. */
    private void group(int first, HostBuffer.Floats x, float[] packed, HostBuffer.Floats y) {
        int end = Math.min(positions, first + group);
        float[] from = readInPlace ? x.array() : Scratch.PLANES.floats(group / PANEL * stride);
        if (!readInPlace) {
            layOut(first, end, x, from);
        }
        float[] tile = Scratch.OUTPUTS.floats(CHANNELS * PANEL);
        for (int p = first, length; p < end; p += length) {
            int place = p % size;
            int rest = readInPlace ? Math.min(end - p, size - place) : end - p;
            length = Math.min(rest, PANEL);
            int at =
                    readInPlace
                            ? x.offset() + (p - place) * in + place
                            : (p - first) / PANEL * stride;
            boolean direct = length % VL == 0 && place + length <= size;
            for (int block = 0; block < blocks; block++) {
                int c = block * CHANNELS;
                int width = Math.min(CHANNELS, out - c);
                boolean inPlace = direct && width == CHANNELS;
                int w = block * blockLength;
                float[] to = inPlace ? y.array() : tile;
                int begin = inPlace ? y.offset() + (p - place) * out + c * size + place : 0;
                int ld = inPlace ? size : PANEL;
                int bias = w + in * CHANNELS;
                if (!MANY_REGISTERS && length > VL) {
                    PanelKernel.outputs(
                            width, in, packed, w, packed, bias, from, at, to, begin, ld);
                } else {
                    OutputKernel.outputs(
                            width, length, in, packed, w, packed, bias, from, at, distance, to,
                            begin, ld);
                }
                Cut.off(limit, to, begin, width, length, ld);
                if (!inPlace) {
                    copy(tile, p, p + length, y, c, width);
                }
            }
        }
        if (y.isFollowed() && group >= Pass.TOLD) {
            tell(first, end, y);
        }
    }

    /** Says that all channels are ready at positions first to end - 1. */
    private void tell(int first, int end, HostBuffer.Floats y) {
        for (int p = first, length; p < end; p += length) {
            int place = p % size;
            length = Math.min(end - p, size - place);
            y.ready(p / size * out, out, size, place, length);
        }
    }

    /** Panels as [channel, PANEL]. */
    private void layOut(int first, int end, HostBuffer.Floats x, float[] to) {
        // Several rows at a time, so that the memory is asked for their beginnings together.
        for (int c = 0; c < in; c += ROWS) {
            int rows = Math.min(in - c, ROWS);
            int place = first % size;
            int source = x.offset() + (first - place) * in + c * size + place;
            for (int p = first, length; p < end; p += length) {
                int inPanel = (p - first) % PANEL;
                length = Math.min(Math.min(VL - inPanel % VL, size - place), end - p);
                int at = (p - first) / PANEL * stride + c * PANEL + inPanel;
                // What a vector writes too far is written again, unless that is the next row's.
                int last = source + (rows - 1) * size + VL;
                boolean whole = inPanel + VL <= PANEL && last <= x.array().length;
                copy(x.array(), source, whole ? VL : length, rows, to, at);
                place += length;
                source += length;
                if (place == size) {
                    place = 0;
                    source += (in - 1) * size;
                }
            }
        }
    }

    /** Copies a vector, or the beginning of one, of some rows. */
    private void copy(float[] from, int source, int length, int rows, float[] to, int at) {
        for (int r = 0; r < rows; r++) {
            int row = source + r * size;
            int target = at + r * PANEL;
            if (length == VL) {
                FloatVector.fromArray(SPECIES, from, row).intoArray(to, target);
            } else {
                System.arraycopy(from, row, to, target, length);
            }
        }
    }

    /** Positions first to end - 1 of a tile, to some channels from c on of the pictures. */
    private void copy(float[] tile, int first, int end, HostBuffer.Floats y, int c, int width) {
        float[] to = y.array();
        for (int p = first, length; p < end; p += length) {
            int place = p % size;
            length = Math.min(Math.min(end - p, size - place), VL);
            int source = p - first;
            int target = y.offset() + (p - place) * out + c * size + place;
            for (int r = 0; r < width; r++) {
                if (length == VL) {
                    FloatVector.fromArray(SPECIES, tile, source + r * PANEL)
                            .intoArray(to, target + r * size);
                } else {
                    for (int j = 0; j < length; j++) {
                        to[target + r * size + j] = tile[source + r * PANEL + j];
                    }
                }
            }
        }
    }
}
