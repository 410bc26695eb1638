package io.github.cortado.backend.cpu.vector.conv;

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
 * of 3 vectors.
 *
 * <p>Some panels of all channels are copied at a time, so that lines neither meet in one set of the
 * cache nor end between vectors; each then stays in a near cache while all blocks of 8 channels
 * pass by ({@link OutputKernel}). The caller has the scratch array WEIGHTS, a chunk PLANES and
 * OUTPUTS.
 */
final class OneByOneOutputs {
    private static final int PANEL = 3 * VL;
    private static final int CHANNELS = OutputKernel.CHANNELS;

    /** Fewer panels are few for the threads, and lose much where the last one is not full. */
    private static final int MIN_PANELS = 8;

    /** Floats of the panels that are laid out together, and how many panels. */
    private static final int GROUP_FLOATS = 1 << 17;

    private static final int MAX_PANELS = 22;

    /** Pieces of parallel work that there are rather than larger ones. */
    private static final int CHUNKS = 16;

    private static final int ROWS = 8;

    private final int in;
    private final int out;
    private final boolean relu;

    /** Positions of a picture, and of all. */
    private final int size;

    private final int positions;

    /** Positions that are laid out together, and floats of a panel. */
    private final int group;

    private final int stride;
    private final int[] distance;
    private final int blocks;
    private final int blockLength;

    private OneByOneOutputs(Conv2dSpec s, Channels channels, boolean relu) {
        in = channels.in();
        out = channels.out();
        this.relu = relu;
        size = s.h() * s.w();
        positions = s.n() * size;
        stride = in * PANEL + VL;
        int most = Math.min(MAX_PANELS, GROUP_FLOATS / stride);
        group = Math.max(1, Math.min(most, positions / PANEL / CHUNKS)) * PANEL;
        distance = new int[in];
        Arrays.setAll(distance, c -> c * PANEL);
        blocks = channels.blocksOfGroup(CHANNELS);
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

    /** y = w x + b, or the larger of 0 and that. */
    static Convolution.Forward forward(Convolution.ForwardProblem problem) {
        Conv2dSpec s = problem.conv();
        var plan = new OneByOneOutputs(s, Channels.forward(s), problem.relu());
        return (x, w, b, y) -> plan.run(x, Weights.forward(s, w, b, CHANNELS), y);
    }

    /** dx = w^T dy. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        var plan = new OneByOneOutputs(s, Channels.backward(s), false);
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
        float[] packed = Scratch.WEIGHTS.floats(blocks * blockLength);
        Parallel.forChunks(
                blocks,
                block -> {
                    int end = (block + 1) * blockLength;
                    int width = Math.min(CHANNELS, out - block * CHANNELS);
                    Arrays.fill(packed, end - CHANNELS, end, 0f);
                    weights.pack(0, block * CHANNELS, width, packed, block * blockLength);
                });
        Parallel.forChunks(
                IntMath.ceilDiv(positions, group), chunk -> group(chunk * group, x, packed, y));
    }

    /** All channels of the panels that begin with position {@code first}. */
    private void group(int first, HostBuffer.Floats x, float[] packed, HostBuffer.Floats y) {
        int end = Math.min(positions, first + group);
        float[] laidOut = Scratch.PLANES.floats(group / PANEL * stride);
        layOut(first, end, x, laidOut);
        float[] tile = Scratch.OUTPUTS.floats(CHANNELS * PANEL);
        for (int p = first; p < end; p += PANEL) {
            int length = Math.min(end - p, PANEL);
            int at = (p - first) / PANEL * stride;
            boolean direct = !relu && length == PANEL && p % size + PANEL <= size;
            for (int block = 0; block < blocks; block++) {
                int c = block * CHANNELS;
                int width = Math.min(CHANNELS, out - c);
                boolean inPlace = direct && width == CHANNELS;
                int w = block * blockLength;
                OutputKernel.outputs(
                        width,
                        length,
                        in,
                        packed,
                        w,
                        packed,
                        w + in * CHANNELS,
                        laidOut,
                        at,
                        distance,
                        inPlace ? y.array() : tile,
                        inPlace ? y.offset() + (p / size * out + c) * size + p % size : 0,
                        inPlace ? size : PANEL);
                for (int r = 0; r < width && !inPlace; r++) {
                    copy(tile, r * PANEL, p, p + length, y, c + r);
                }
            }
        }
    }

    /** Panels as [channel, PANEL]. */
    private void layOut(int first, int end, HostBuffer.Floats x, float[] to) {
        // Several rows at a time, so that the memory is asked for their beginnings together. But
        // where planes end between vectors, what one writes too far has to be written again.
        int together = size % VL == 0 ? ROWS : 1;
        for (int c = 0; c < in; c += together) {
            int cEnd = Math.min(in, c + together);
            int picture = first / size;
            int place = first % size;
            for (int p = first, length; p < end; p += length) {
                int inPanel = (p - first) % PANEL;
                length = Math.min(Math.min(PANEL - inPanel, size - place), end - p);
                int at = (p - first) / PANEL * stride + inPanel;
                int source = x.offset() + picture * in * size + place;
                for (int r = c; r < cEnd; r++) {
                    copy(x.array(), source + r * size, length, to, at + r * PANEL);
                }
                place += length;
                if (place == size) {
                    place = 0;
                    picture++;
                }
            }
        }
    }

    /** Copies whole vectors, if the array has them. */
    private static void copy(float[] from, int source, int length, float[] to, int at) {
        int j = 0;
        for (; j < length && source + j + VL <= from.length; j += VL) {
            FloatVector.fromArray(SPECIES, from, source + j).intoArray(to, at + j);
        }
        for (; j < length; j++) {
            to[at + j] = from[source + j];
        }
    }

    /** Positions first to end - 1 of a row of outputs, to channel c of the pictures. */
    private void copy(float[] from, int row, int first, int end, HostBuffer.Floats y, int c) {
        float[] to = y.array();
        for (int p = first, length; p < end; p += length) {
            length = Math.min(end - p, size - p % size);
            int source = row + p - first;
            int target = y.offset() + (p / size * out + c) * size + p % size;
            int j = 0;
            for (; j <= length - VL; j += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, from, source + j);
                (relu ? v.max(0f) : v).intoArray(to, target + j);
            }
            for (; j < length; j++) {
                float v = from[source + j];
                to[target + j] = relu ? Math.max(v, 0f) : v;
            }
        }
    }
}
