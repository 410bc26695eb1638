package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import java.util.Arrays;

/**
 * Convolution of many channels on small pictures, as in the later layers of a network: lanes run
 * over output channels, so that no lane is lost at the end of a short row, and the weights, which
 * are much larger than a picture here, are read once for several pictures.
 *
 * <p>Some pictures are laid out in {@link Planes} one after the other. A tile of {@link
 * ConvWeightKernel}, which multiplies 12 broadcast elements of planes by 2 vectors and sums, then
 * does 12 outputs of two vectors of channels, summed over terms (an input channel and a tap each).
 * The gradient of the input is the same on dy with the weights turned; that of the weights is in
 * {@link ManyChannelsGradient}. Work is cut by shapes alone, so the bits do not depend on the
 * threads.
 */
public final class ManyChannelsConv2d {
    /** Output channels of a block. */
    static final int CHANNELS = 2 * VL;

    private static final int TILE = 12;

    /** Tiles of outputs that a chunk of parallel work has at most. */
    private static final int TILES = 8;

    /**
     * Terms that are summed at one time, so that their weights stay in a near cache, and of a chunk
     * of the gradient of the weights.
     */
    static final int TERMS = 8 * ConvWeightKernel.PADDING;

    /** Elements of the planes of pictures that are worked on together. */
    private static final int PLANES = 1 << 20;

    private static final int MIN_CHANNELS = 32;
    private static final int MIN_TERMS = 1024;
    private static final int MAX_OUTPUTS = 1024;

    final int n;
    private final int in;
    final int out;
    final int[] distance;
    private final Planes planes;
    final int outputs;

    /** Pictures that are worked on together. */
    final int pictures;

    /**
     * @param in channels read
     * @param out channels written, or whose weights get a gradient
     * @param distance where each term lies in the planes of a picture
     */
    private ManyChannelsConv2d(int n, int in, int out, int[] distance, Planes planes) {
        this.n = n;
        this.in = in;
        this.out = out;
        this.distance = distance;
        this.planes = planes;
        outputs = planes.outRows() * planes.outColumns();
        pictures = Math.max(1, Math.min(n, PLANES / planes.length(in)));
    }

    /** Whether forward and the gradient of the weights are faster here. */
    static boolean fits(Conv2dSpec s) {
        return fits(s, s.inChannels(), s.outChannels(), s.outH() * s.outW());
    }

    /** Whether the gradient of the input is. */
    static boolean fitsGradInput(Conv2dSpec s) {
        return s.strideH() == 1
                && s.strideW() == 1
                && fits(s, s.outChannels(), s.inChannels(), s.h() * s.w());
    }

    private static boolean fits(Conv2dSpec s, int in, int out, int outputs) {
        return s.groups() == 1
                && out >= MIN_CHANNELS
                && in * s.kernelH() * s.kernelW() >= MIN_TERMS
                && outputs <= MAX_OUTPUTS;
    }

    /** Forward; arguments as of {@link VectorConv2d#forward}. */
    static void forward(
            Conv2dSpec s,
            float[] x,
            int xOff,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] y,
            int yOff,
            boolean relu) {
        ManyChannelsConv2d c = ofInput(s);
        float[] packed = c.packed(ConvWeights.forward(s, w, wOff, bias, biasOff, CHANNELS));
        c.outputs(x, xOff, packed, y, yOff, relu);
    }

    /** The gradient of the input; arguments as of {@link VectorConv2d#gradInput}. */
    static void gradInput(
            Conv2dSpec s, float[] dy, int dyOff, float[] w, int wOff, float[] dx, int dxOff) {
        int reachH = (s.kernelH() - 1) * s.dilationH();
        int reachW = (s.kernelW() - 1) * s.dilationW();
        Planes planes =
                Planes.whole(
                        s.outH(),
                        s.outW(),
                        1,
                        1,
                        reachH + 1,
                        reachW + 1,
                        reachH - s.padH(),
                        reachW - s.padW(),
                        s.h(),
                        s.w());
        int taps = s.kernelH() * s.kernelW();
        int[] distance = new int[s.outChannels() * taps];
        for (int q = 0; q < distance.length; q++) {
            int ky = q % taps / s.kernelW();
            int kx = q % s.kernelW();
            distance[q] =
                    q / taps * planes.channelStride()
                            + planes.tap(reachH - ky * s.dilationH(), reachW - kx * s.dilationW());
        }
        ManyChannelsConv2d c =
                new ManyChannelsConv2d(s.n(), s.outChannels(), s.inChannels(), distance, planes);
        float[] packed =
                c.packed(
                        (group, channel, width, all, to) -> {
                            for (int o = 0; o < s.outChannels(); o++) {
                                Packing.columns(
                                        w,
                                        wOff + (o * s.inChannels() + channel) * taps,
                                        taps,
                                        taps,
                                        width,
                                        all,
                                        to + o * taps * CHANNELS,
                                        CHANNELS);
                            }
                        });
        c.outputs(dy, dyOff, packed, dx, dxOff, false);
    }

    /** What reads the input: forward and the gradient of the weights. */
    static ManyChannelsConv2d ofInput(Conv2dSpec s) {
        Planes planes = VectorConv2d.inputPlanes(s).whole();
        int terms = s.inChannels() * s.kernelH() * s.kernelW();
        int[] distance = VectorConv2d.inputDistances(s, planes, terms);
        return new ManyChannelsConv2d(s.n(), s.inChannels(), s.outChannels(), distance, planes);
    }

    /** The weights as [block, term, channel], each block's biases behind, 0 where there is none. */
    private float[] packed(ConvWeights weights) {
        int size = (distance.length + 1) * CHANNELS;
        float[] packed = Scratch.WEIGHTS.floats(blocks() * size);
        Parallel.forChunks(
                blocks(),
                block -> {
                    int end = (block + 1) * size;
                    Arrays.fill(packed, end - CHANNELS, end, 0f);
                    weights.pack(0, block * CHANNELS, width(block), packed, block * size);
                });
        return packed;
    }

    int blocks() {
        return IntMath.ceilDiv(out, CHANNELS);
    }

    /** Channels of a block that there are. */
    int width(int block) {
        return Math.min(CHANNELS, out - block * CHANNELS);
    }

    /** Lays out {@code count} pictures from number {@code first} on, in the caller's scratch. */
    float[] layOut(float[] x, int xOff, int first, int count) {
        int size = in * planes.h() * planes.w();
        int length = planes.length(in);
        float[] laidOut = Scratch.PLANES.floats(pictures * length);
        Parallel.forChunks(
                count,
                k ->
                        planes.fill(
                                x,
                                xOff + (first + k) * size,
                                0,
                                1,
                                in,
                                0,
                                0f,
                                laidOut,
                                k * length));
        return laidOut;
    }

    /** Where outputs first to end - 1 of the pictures begin; the last one repeats. */
    int[] positions(int first, int end) {
        int[] position = new int[IntMath.roundUp(end - first, ConvWeightKernel.PADDING)];
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

    /** Parts of an array of at most {@code length} elements. */
    static int[][] cut(int[] array, int length) {
        int[][] parts = new int[IntMath.ceilDiv(array.length, length)][];
        for (int i = 0; i < parts.length; i++) {
            int end = Math.min(array.length, (i + 1) * length);
            parts[i] = Arrays.copyOfRange(array, i * length, end);
        }
        return parts;
    }

    private void outputs(float[] x, int xOff, float[] packed, float[] y, int yOff, boolean relu) {
        int[][] terms = cut(distance, TERMS);
        for (int first = 0; first < n; first += pictures) {
            int count = Math.min(pictures, n - first);
            float[] laidOut = layOut(x, xOff, first, count);
            int tiles = IntMath.ceilDiv(count * outputs, TILE);
            int parts = IntMath.ceilDiv(tiles, TILES);
            int size = IntMath.ceilDiv(tiles, parts) * TILE;
            int to = yOff + first * out * outputs;
            int all = count * outputs;
            Parallel.forChunks(
                    blocks() * parts,
                    chunk -> {
                        int begin = Math.min(all, chunk % parts * size);
                        int end = Math.min(all, begin + size);
                        if (begin < end) {
                            chunk(chunk / parts, begin, end, terms, laidOut, packed, y, to, relu);
                        }
                    });
        }
    }

    /** Outputs begin to end - 1 of the pictures that are laid out, for a block of channels. */
    private void chunk(
            int block,
            int begin,
            int end,
            int[][] terms,
            float[] laidOut,
            float[] packed,
            float[] y,
            int yOff,
            boolean relu) {
        int[] position = positions(begin, end);
        float[] sums = Scratch.OUTPUTS.floats(position.length * CHANNELS);
        int weights = block * (distance.length + 1) * CHANNELS;
        int biasAt = weights + distance.length * CHANNELS;
        for (int p = 0; p < position.length; p++) {
            System.arraycopy(packed, biasAt, sums, p * CHANNELS, CHANNELS);
        }
        for (int[] part : terms) {
            ConvWeightKernel.weights(
                    part.length,
                    end - begin,
                    laidOut,
                    0,
                    part,
                    position,
                    packed,
                    weights,
                    CHANNELS,
                    sums,
                    0);
            weights += part.length * CHANNELS;
        }
        int p = begin;
        while (p < end) {
            int picture = p / outputs;
            int length = Math.min(end, (picture + 1) * outputs) - p;
            int plane = yOff + (picture * out + block * CHANNELS) * outputs + p % outputs;
            turn(sums, p - begin, length, width(block), y, plane, relu);
            p += length;
        }
    }

    /** Writes some rows of sums [position, channel] as columns. */
    private void turn(
            float[] sums, int first, int length, int width, float[] y, int yOff, boolean relu) {
        for (int c = 0; c < width; c++) {
            int from = first * CHANNELS + c;
            int to = yOff + c * outputs;
            if (relu) {
                for (int i = 0; i < length; i++) {
                    y[to + i] = Math.max(sums[from + i * CHANNELS], 0f);
                }
            } else {
                for (int i = 0; i < length; i++) {
                    y[to + i] = sums[from + i * CHANNELS];
                }
            }
        }
    }
}
