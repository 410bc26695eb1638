package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with 3 x 3 taps by Winograd's F(2 x 2, 3 x 3): tiles of 2 x 2 outputs, which overlap
 * by two rows and columns in what they read, cost 16 multiplications instead of 36 (Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks", 2015).
 *
 * <p>Rounding errors are relative to the largest products of a window and a kernel in each input
 * channel, not to each product. On ResNet-18's layers, with inputs of mean 0, of mean 100 and with
 * channels that are 1e-3 to 1e3 large, outputs and gradients of inputs were off by 2e-7 to 7e-7
 * (root mean square, relative), by the definition in floats by 3e-7 to 1.1e-6; gradients of weights
 * by 2e-7 to 8e-7, and by 1e-7 to 3e-7.
 *
 * <p>Here is how tiles are cut into groups that stay in a second-level cache: strips of a picture,
 * or several small ones.
 *
 * @param n pictures
 * @param in channels read
 * @param out channels written
 * @param outH rows written
 * @param outW columns written
 * @param tiles how a picture is cut into tiles
 * @param stripRows rows of tiles of a group
 * @param pictures pictures of a group, where they are not cut into strips
 */
record Winograd(
        int n,
        int in,
        int out,
        int outH,
        int outW,
        WinogradTiles tiles,
        int stripRows,
        int pictures) {
    /**
     * Rows of tiles of {@code count} pictures, or of a single one.
     *
     * @param rows of each picture
     */
    record Group(int picture, int count, int firstRow, int rows) {}

    /** Products of a tile: elements of the 4 x 4 that it reads. */
    static final int PRODUCTS = 16;

    /** Tiles of a group that are aimed at: whole register tiles with all widths of vectors. */
    private static final int TILES = 96;

    /** The same where weights are many, and read anew for each group. */
    private static final int MORE_TILES = 144;

    private static final int MANY_KERNELS = 1 << 16;

    /** The same where outer products are summed, whose sums are read anew for each group. */
    private static final int SUMMED_TILES = 128;

    private static final int MIN_CHANNELS = 32;

    /** Fewer tiles do not pay for the transform of the weights. */
    private static final int MIN_TILES = 48;

    /** Why forward is better off on another way, or cannot go this one. */
    static @Nullable String obstacle(Conv2dSpec s) {
        return obstacle(s, s.inChannels(), s.outH(), s.outW());
    }

    /** Why the gradient of the input is, or cannot. */
    static @Nullable String obstacleToInputGradient(Conv2dSpec s) {
        return s.padH() > 2 || s.padW() > 2
                ? "outputs lie outside of the picture"
                : obstacle(s, s.outChannels(), s.h(), s.w());
    }

    private static @Nullable String obstacle(Conv2dSpec s, int in, int outH, int outW) {
        if (s.kernelH() != 3 || s.kernelW() != 3) {
            return "the kernel is not 3 x 3";
        }
        if (s.strideH() > 1 || s.strideW() > 1 || s.dilationH() > 1 || s.dilationW() > 1) {
            return "strides or dilation are not 1";
        }
        if (s.groups() > 1) {
            return "channels come in groups";
        }
        if (Math.min(s.inChannels(), s.outChannels()) < MIN_CHANNELS) {
            return "channels are few";
        }
        int ofPicture = IntMath.ceilDiv(outH, 2) * IntMath.ceilDiv(outW, 2);
        if (s.n() * ofPicture < MIN_TILES) {
            return s.n() * ofPicture + " tiles are few";
        }
        long largest = (long) PRODUCTS * in * (Math.max(MORE_TILES, outW) + 2 * VL);
        return largest > Scratch.MAX_KEPT ? "channels are too many for scratch memory" : null;
    }

    /** Forward. */
    static Winograd ofInput(Conv2dSpec s) {
        WinogradTiles tiles =
                WinogradTiles.of(s.h(), s.w(), s.padH(), s.padW(), s.outH(), s.outW());
        return of(s.n(), s.inChannels(), s.outChannels(), s.outH(), s.outW(), tiles);
    }

    /** The gradient of the weights. */
    static Winograd ofSums(Conv2dSpec s) {
        WinogradTiles tiles =
                WinogradTiles.of(s.h(), s.w(), s.padH(), s.padW(), s.outH(), s.outW());
        return of(s.n(), s.inChannels(), s.outChannels(), s.outH(), s.outW(), tiles, SUMMED_TILES);
    }

    /** The gradient of the input, which reads the outputs. */
    static Winograd ofOutputs(Conv2dSpec s) {
        WinogradTiles tiles =
                WinogradTiles.of(s.outH(), s.outW(), 2 - s.padH(), 2 - s.padW(), s.h(), s.w());
        return of(s.n(), s.outChannels(), s.inChannels(), s.h(), s.w(), tiles);
    }

    private static Winograd of(int n, int in, int out, int outH, int outW, WinogradTiles tiles) {
        int aim = in * out < MANY_KERNELS ? TILES : MORE_TILES;
        return of(n, in, out, outH, outW, tiles, aim);
    }

    private static Winograd of(
            int n, int in, int out, int outH, int outW, WinogradTiles tiles, int aim) {
        int columns = tiles.tileColumns();
        int stripRows = Math.min(tiles.tileRows(), Math.max(1, aim / columns));
        boolean whole = stripRows == tiles.tileRows();
        int pictures = whole ? Math.max(1, aim / (stripRows * columns)) : 1;
        return new Winograd(n, in, out, outH, outW, tiles, stripRows, Math.min(n, pictures));
    }

    /** Groups of tiles. */
    int groups() {
        return IntMath.ceilDiv(n, pictures) * strips();
    }

    private int strips() {
        return IntMath.ceilDiv(tiles.tileRows(), stripRows);
    }

    /** Group number {@code i}. */
    Group group(int i) {
        int picture = i / strips() * pictures;
        int row = i % strips() * stripRows;
        return new Group(
                picture,
                Math.min(pictures, n - picture),
                row,
                Math.min(stripRows, tiles.tileRows() - row));
    }

    /** Tiles of group number {@code i}. */
    int tiles(int i) {
        Group g = group(i);
        return g.count() * g.rows() * tiles.tileColumns();
    }

    /** Floats from the tiles of one channel to those of the next. */
    int ld() {
        return IntMath.roundUp(pictures * stripRows * tiles.tileColumns(), VL) + VL;
    }

    /**
     * Floats from one of the 16 products of {@code channels} channels to the next: not a power of
     * two, and room for a vector that runs over the end.
     */
    int stride(int channels) {
        return channels * ld() + VL;
    }

    /** The transformed input channels {@code begin} to {@code end - 1} of a group. */
    void input(HostBuffer.Floats x, Group g, int begin, int end, float[] v, int vOff) {
        int length = tiles.length(g.rows());
        float[] d = Scratch.PLANES.floats(g.count() * length);
        Arrays.fill(d, 0, g.count() * length, 0f);
        int ofPicture = g.rows() * tiles.tileColumns();
        int size = tiles.h() * tiles.w();
        for (int i = begin; i < end; i++) {
            for (int k = 0; k < g.count(); k++) {
                int from = x.offset() + ((g.picture() + k) * in + i) * size;
                tiles.layOut(x.array(), from, g.firstRow(), g.rows(), d, k * length);
            }
            for (int k = 0; k < g.count(); k++) {
                int to = vOff + i * ld() + k * ofPicture;
                WinogradTransforms.input(tiles, g.rows(), d, k * length, v, to, stride(in));
            }
        }
    }
}
