package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with 3 x 3 taps by Winograd's F(2 x 2, 3 x 3): tiles of 2 x 2 outputs, which overlap
 * by two rows and columns in what they read, cost 16 multiplications instead of 36 (Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks", 2015). With stride 2 it is 25 ({@link
 * WinogradForm}).
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
 * @param form what a tile reads and writes
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
        WinogradForm form,
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

    /** Products of a tile with stride 1: elements of the 4 x 4 that it reads. */
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

    /** With stride 2 pictures are not cut into strips. */
    private static final int MAX_STRIDED_TILES = 256;

    /** Tiles of a row that fill but a part of a vector. */
    private static final int SHORT_ROW = VL / 4;

    /** Why forward is better off on another way, or cannot go this one. */
    static @Nullable String obstacle(Conv2dSpec s) {
        return obstacle(s, isStrided(s) ? WinogradForm.STRIDED : WinogradForm.DENSE);
    }

    /** Why the gradient of the input is, or cannot. */
    static @Nullable String obstacleToInputGradient(Conv2dSpec s) {
        return s.padH() > 2 || s.padW() > 2
                ? "outputs lie outside of the picture"
                : obstacle(s, isStrided(s) ? WinogradForm.SPREAD : WinogradForm.DENSE);
    }

    /** Why the gradient of the weights is, or cannot. */
    static @Nullable String obstacleToWeightGradient(Conv2dSpec s) {
        return obstacle(s, WinogradForm.DENSE);
    }

    private static boolean isStrided(Conv2dSpec s) {
        return s.strideH() == 2 && s.strideW() == 2;
    }

    private static @Nullable String obstacle(Conv2dSpec s, WinogradForm form) {
        if (s.kernelH() != 3 || s.kernelW() != 3) {
            return "the kernel is not 3 x 3";
        }
        if (s.dilationH() > 1 || s.dilationW() > 1) {
            return "taps are dilated";
        }
        boolean dense = form == WinogradForm.DENSE;
        if (dense ? s.strideH() > 1 || s.strideW() > 1 : s.padH() != 1 || s.padW() != 1) {
            return "strides are neither 1 nor 2 with a border of 1";
        }
        if (s.groups() > 1) {
            return "channels come in groups";
        }
        if (Math.min(s.inChannels(), s.outChannels()) < MIN_CHANNELS) {
            return "channels are few";
        }
        return (form == WinogradForm.SPREAD ? ofOutputs(s) : ofInput(s)).obstacle();
    }

    private @Nullable String obstacle() {
        boolean dense = form == WinogradForm.DENSE;
        int ofPicture = tiles.tileRows() * tiles.tileColumns();
        if (n * ofPicture < MIN_TILES) {
            return n * ofPicture + " tiles are few";
        }
        if (!dense && n == 1) {
            return "one picture, which is not cut for the threads";
        }
        if (!dense && ofPicture > MAX_STRIDED_TILES) {
            return ofPicture + " tiles of a picture are many";
        }
        long largest = (long) form.products() * in * (Math.max(MORE_TILES, ld()) + 2 * VL);
        return largest > Scratch.MAX_KEPT ? "channels are too many for scratch memory" : null;
    }

    /** Forward. */
    static Winograd ofInput(Conv2dSpec s) {
        WinogradForm form = isStrided(s) ? WinogradForm.STRIDED : WinogradForm.DENSE;
        int outH = s.outH();
        int outW = s.outW();
        WinogradTiles tiles =
                WinogradTiles.of(s.h(), s.w(), s.padH(), s.padW(), outH, outW, form.writes);
        return of(form, s.n(), s.inChannels(), s.outChannels(), outH, outW, tiles);
    }

    /** The gradient of the weights. */
    static Winograd ofSums(Conv2dSpec s) {
        WinogradForm form = WinogradForm.DENSE;
        int outH = s.outH();
        int outW = s.outW();
        WinogradTiles tiles =
                WinogradTiles.of(s.h(), s.w(), s.padH(), s.padW(), outH, outW, form.writes);
        return of(form, s.n(), s.inChannels(), s.outChannels(), outH, outW, tiles, SUMMED_TILES);
    }

    /** The gradient of the input, which reads the outputs. */
    static Winograd ofOutputs(Conv2dSpec s) {
        boolean strided = isStrided(s);
        WinogradForm form = strided ? WinogradForm.SPREAD : WinogradForm.DENSE;
        int padH = strided ? 0 : 2 - s.padH();
        int padW = strided ? 0 : 2 - s.padW();
        WinogradTiles tiles =
                WinogradTiles.of(s.outH(), s.outW(), padH, padW, s.h(), s.w(), form.writes);
        return of(form, s.n(), s.outChannels(), s.inChannels(), s.h(), s.w(), tiles);
    }

    private static Winograd of(
            WinogradForm form, int n, int in, int out, int outH, int outW, WinogradTiles tiles) {
        int aim = in * out < MANY_KERNELS ? TILES : MORE_TILES;
        return of(form, n, in, out, outH, outW, tiles, aim);
    }

    private static Winograd of(
            WinogradForm form,
            int n,
            int in,
            int out,
            int outH,
            int outW,
            WinogradTiles tiles,
            int aim) {
        int columns = tiles.tileColumns();
        boolean dense = form == WinogradForm.DENSE;
        int stripRows = Math.min(tiles.tileRows(), Math.max(1, aim / columns));
        if (!dense) {
            stripRows = tiles.tileRows();
        }
        boolean whole = stripRows == tiles.tileRows();
        int pictures = whole ? Math.max(1, aim / (stripRows * columns)) : 1;
        return new Winograd(form, n, in, out, outH, outW, tiles, stripRows, Math.min(n, pictures));
    }

    /** Whether tiles of several rows or pictures are better transformed together. */
    boolean hasShortRows() {
        return form != WinogradForm.DENSE
                || stripRows == tiles.tileRows() && tiles.tileColumns() <= SHORT_ROW;
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

    /** The transformed input channels {@code begin} to {@code end - 1} of a group of pictures. */
    void input(
            HostBuffer.Floats x,
            Group g,
            WinogradElements elements,
            int begin,
            int end,
            @Nullable WinogradPanels panels,
            float[] v) {
        int ofPicture = tiles.tileRows() * tiles.tileColumns();
        int count = g.count() * ofPicture;
        int size = tiles.h() * tiles.w();
        int first = elements.scratch();
        int length = first + form.reads * form.reads * ld();
        float[] d = Scratch.PLANES.floats(length + VL);
        float[] rows = panels == null ? v : panels.rows();
        int step = panels == null ? stride(in) : ld();
        for (int i = begin; i < end; i++) {
            int from = x.offset() + (g.picture() * in + i) * size;
            for (int k = 0; k < g.count(); k++) {
                elements.layOut(x.array(), from + k * in * size, d, 0, first + k * ofPicture);
            }
            if (count % VL > 0) {
                for (int e = first; e < length; e += ld()) {
                    FloatVector.zero(SPECIES).intoArray(d, e + count);
                }
            }
            int to = panels == null ? i * ld() : 0;
            if (form == WinogradForm.DENSE) {
                WinogradTransforms.input(count, d, first, ld(), rows, to, step);
            } else {
                WinogradStrided.input(form, count, d, first, ld(), rows, to, step);
            }
            if (panels != null) {
                panels.put(rows, i, count, v);
            }
        }
    }

    /** The transformed input channels {@code begin} to {@code end - 1} of a group. */
    void input(
            HostBuffer.Floats x,
            Group g,
            int begin,
            int end,
            @Nullable WinogradPanels panels,
            float[] v) {
        int length = tiles.length(g.rows());
        float[] d = Scratch.PLANES.floats(g.count() * length);
        Arrays.fill(d, 0, g.count() * length, 0f);
        int ofPicture = g.rows() * tiles.tileColumns();
        int size = tiles.h() * tiles.w();
        float[] rows = panels == null ? v : panels.rows();
        int step = panels == null ? stride(in) : ld();
        for (int i = begin; i < end; i++) {
            for (int k = 0; k < g.count(); k++) {
                int from = x.offset() + ((g.picture() + k) * in + i) * size;
                tiles.layOut(x.array(), from, g.firstRow(), g.rows(), d, k * length);
            }
            for (int k = 0; k < g.count(); k++) {
                int to = (panels == null ? i * ld() : 0) + k * ofPicture;
                WinogradTransforms.input(tiles, g.rows(), d, k * length, rows, to, step);
            }
            if (panels != null) {
                panels.put(rows, i, g.count() * ofPicture, v);
            }
        }
    }
}
