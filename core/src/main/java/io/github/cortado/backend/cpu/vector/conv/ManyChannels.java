package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.layout.Side;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of many channels on small pictures, as in the later layers of a network: lanes run
 * over output channels, so that no lane is lost at the end of a short row, and the weights, which
 * are much larger than a picture here, are read once for several pictures.
 *
 * <p>Here is what the three directions share: some pictures are laid out in {@link Planes} one
 * after the other, for tiles of {@link WeightKernel}, which multiplies 12 broadcast elements of
 * planes by 2 vectors and sums. {@link ManyChannelsOutputs} is forward, and the gradient of the
 * input on dy with the weights turned; {@link ManyChannelsWeightGradient} is that of the weights.
 * Work is cut by shapes alone, so the bits do not depend on the threads.
 *
 * @param n pictures
 * @param in channels read
 * @param out channels written, or whose weights get a gradient
 * @param distance where each term, an input channel and a tap, lies in the planes of a picture
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ManyChannels(int n, int in, int out, Planes planes, int[] distance) {
    /** Output channels of a block. */
    static final int CHANNELS = 2 * VL;

    /**
     * Terms that are summed at one time, so that their weights stay in a near cache, and of a chunk
     * of the gradient of the weights.
     */
    static final int TERMS = 8 * WeightKernel.PADDING;

    /** Elements of the planes of pictures that are worked on together. */
    private static final int PLANES = 1 << 20;

    private static final int MIN_CHANNELS = 32;
    private static final int MIN_TERMS = 1024;
    private static final int MAX_OUTPUTS = 1024;

    /** Why forward, or the gradient of the weights, is better off on another way. */
    static @Nullable String obstacle(Conv2dSpec s) {
        return obstacle(s, s.inChannels(), s.outChannels(), s.outH() * s.outW());
    }

    /** Why the gradient of the input is, or cannot go this one. */
    static @Nullable String obstacleToInputGradient(Conv2dSpec s) {
        return s.strideH() > 1 || s.strideW() > 1
                ? "outputs are not at every row and column"
                : obstacle(s, s.outChannels(), s.inChannels(), s.h() * s.w());
    }

    private static @Nullable String obstacle(Conv2dSpec s, int in, int out, int outputs) {
        if (s.groups() > 1) {
            return "channels come in groups";
        }
        int terms = in * s.kernelH() * s.kernelW();
        if (out < MIN_CHANNELS) {
            return out + " channels to write are few";
        }
        if (terms < MIN_TERMS) {
            return terms + " terms of a sum are few";
        }
        return outputs > MAX_OUTPUTS ? outputs + " elements of a picture are many" : null;
    }

    /** What reads the input: forward and the gradient of the weights. */
    static ManyChannels ofInput(Conv2dSpec s) {
        Planes planes = InputPlanes.whole(s);
        int[] distance = InputPlanes.distances(s, planes, InputPlanes.terms(s));
        return new ManyChannels(s.n(), s.inChannels(), s.outChannels(), planes, distance);
    }

    /** What reads the outputs: the gradient of the input. */
    static ManyChannels ofOutputs(Conv2dSpec s) {
        int reachH = (s.kernelH() - 1) * s.dilationH();
        int reachW = (s.kernelW() - 1) * s.dilationW();
        Planes planes =
                Planes.whole(
                        new Side(s.outH(), 1, reachH + 1, reachH - s.padH(), s.h()),
                        new Side(s.outW(), 1, reachW + 1, reachW - s.padW(), s.w()));
        int taps = s.kernelH() * s.kernelW();
        int[] distance = new int[s.outChannels() * taps];
        for (int q = 0; q < distance.length; q++) {
            int ky = q % taps / s.kernelW();
            int kx = q % s.kernelW();
            distance[q] =
                    q / taps * planes.channelStride()
                            + planes.tap(reachH - ky * s.dilationH(), reachW - kx * s.dilationW());
        }
        return new ManyChannels(s.n(), s.outChannels(), s.inChannels(), planes, distance);
    }

    /** Outputs of a channel of a picture. */
    int outputs() {
        return planes.outRows() * planes.outColumns();
    }

    /** Pictures that are worked on together. */
    int pictures() {
        return Math.max(1, Math.min(n, PLANES / planes.length(in)));
    }

    /** What is read and written. */
    Channels channels() {
        return new Channels(1, in, out);
    }

    int blocks() {
        return IntMath.ceilDiv(out, CHANNELS);
    }

    /** Channels of a block that there are. */
    int width(int block) {
        return Math.min(CHANNELS, out - block * CHANNELS);
    }

    /** Lays out {@code count} pictures from number {@code first} on, in the caller's scratch. */
    float[] layOut(HostBuffer.Floats x, int first, int count) {
        int size = in * planes.channelSize();
        int length = planes.length(in);
        Planes.Strip whole = planes.strip(0, 1);
        float[] laidOut = Scratch.PLANES.floats(pictures() * length);
        Parallel.forChunks(
                count,
                k -> {
                    int from = x.offset() + (first + k) * size;
                    planes.fill(x.array(), from, size, whole, in, 0f, laidOut, k * length);
                });
        return laidOut;
    }

    /** Where outputs first to end - 1 of the pictures begin; the last one repeats. */
    int[] positions(int first, int end) {
        int[] position = new int[IntMath.roundUp(end - first, WeightKernel.PADDING)];
        int outputs = outputs();
        for (int i = 0; i < position.length; i++) {
            int p = Math.min(first + i, end - 1);
            int inPicture = p % outputs;
            position[i] =
                    p / outputs * planes.length(in)
                            + inPicture / planes.outColumns() * planes.rowStride()
                            + inPicture % planes.outColumns();
        }
        return position;
    }

    /** The distances in parts of at most {@link #TERMS}. */
    int[][] terms() {
        int[][] parts = new int[IntMath.ceilDiv(distance.length, TERMS)][];
        for (int i = 0; i < parts.length; i++) {
            int end = Math.min(distance.length, (i + 1) * TERMS);
            parts[i] = Arrays.copyOfRange(distance, i * TERMS, end);
        }
        return parts;
    }
}
