package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.Winograd.PRODUCTS;

import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.conv.Winograd.Group;
import io.github.cortado.backend.cpu.vector.layout.Turning;
import io.github.cortado.backend.cpu.vector.product.GemmKernels;
import java.util.Arrays;

/**
 * Groups of tiles transformed with lanes over channels, as [product, tile, channel]: no lane is
 * lost where pictures are small. Where registers are 16 some channels are a panel, as {@link
 * GemmKernels} reads it: [product, panel, tile, channel]. Some channels of a picture are turned to
 * the end, with zeros around it, then transformed.
 *
 * @param channels of a picture that is read
 * @param h its rows
 * @param w its columns
 * @param padH rows of zeros above it
 * @param padW columns of zeros on its left
 * @param more rows and columns that tiles read beyond their 2 x 2
 * @param ld floats from a tile to the next
 * @param panel floats from a panel to the next; more than the tiles have, so that what is written
 *     one after the other does not meet in one set of the cache
 * @param step floats from a product to the next
 * @param place where elements of some rows lie when turned
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WinogradTurned(
        Winograd c,
        int channels,
        int h,
        int w,
        int padH,
        int padW,
        int more,
        int ld,
        int panel,
        int step,
        int[] place) {
    /** Channels that a chunk transforms: whole pairs of vectors. */
    private static final int CHANNELS = 64;

    /** What the tiles read. */
    static WinogradTurned inputs(Winograd c) {
        WinogradTiles t = c.tiles();
        return of(c, c.in(), t.h(), t.w(), t.padH(), t.padW(), 2, GemmKernels.MR);
    }

    /** The gradients of what they write. */
    static WinogradTurned outputs(Winograd c) {
        return of(c, c.out(), c.outH(), c.outW(), 0, 0, 0, GemmKernels.NR);
    }

    /**
     * The groups.
     *
     * @param width channels of a panel, where there are panels
     */
    private static WinogradTurned of(
            Winograd c, int channels, int h, int w, int padH, int padW, int more, int width) {
        int tiles = c.pictures() * c.stripRows() * c.tiles().tileColumns();
        int all = IntMath.roundUp(channels, 2 * VL);
        int ld = MANY_REGISTERS ? all + VL : width;
        int panel = tiles * ld + (MANY_REGISTERS ? 0 : 2 * VL);
        int step = IntMath.ceilDiv(all, ld) * panel + VL;
        int row = (2 * c.tiles().tileColumns() + more) * CHANNELS;
        int[] place = new int[(2 * c.stripRows() + more) * w];
        Arrays.setAll(place, p -> p / w * row + p % w * CHANNELS);
        return new WinogradTurned(c, channels, h, w, padH, padW, more, ld, panel, step, place);
    }

    /** Where the elements of a channel begin. */
    int at(int channel) {
        return channel / ld * panel + channel % ld;
    }

    /** Floats of a group. */
    int length() {
        return PRODUCTS * step;
    }

    /** Parts of the channels of a group. */
    int chunks() {
        return IntMath.ceilDiv(channels, CHANNELS);
    }

    /** V of a part of the channels. */
    void input(HostBuffer.Floats x, Group g, int chunk, float[] v, int vOff) {
        int row = row();
        int lanes = lanes(chunk);
        forTiles(
                x,
                g,
                chunk,
                vOff,
                (d, at, to) -> {
                    for (int l = 0; l < lanes; l += VL) {
                        WinogradTransforms.input(
                                d, at + l, row, CHANNELS, 2 * CHANNELS, v, to + at(l), step);
                    }
                });
    }

    /** Z of a part of the channels. */
    void gradient(HostBuffer.Floats dy, Group g, int chunk, float[] z, int zOff) {
        int row = row();
        int lanes = lanes(chunk);
        int together = Math.min(lanes, ld);
        forTiles(
                dy,
                g,
                chunk,
                zOff,
                (d, at, to) -> {
                    for (int l = 0; l < lanes; l += together) {
                        int from = at + l;
                        int below = from + row;
                        WinogradTransforms.gradient(
                                d,
                                from,
                                from + CHANNELS,
                                below,
                                below + CHANNELS,
                                together,
                                z,
                                to + at(l),
                                step);
                    }
                });
    }

    /** What is done with a tile, from where it lies in d to where it goes. */
    @FunctionalInterface
    private interface Tile {
        void transform(float[] d, int at, int to);
    }

    private void forTiles(HostBuffer.Floats x, Group g, int chunk, int off, Tile tile) {
        int row = row();
        int to = off + at(chunk * CHANNELS);
        float[] d = cleared(g);
        for (int k = 0; k < g.count(); k++) {
            turn(x, g, g.picture() + k, chunk, d);
            for (int r = 0; r < g.rows(); r++) {
                for (int j = 0; j < c.tiles().tileColumns(); j++) {
                    tile.transform(d, 2 * r * row + 2 * j * CHANNELS, to);
                    to += ld;
                }
            }
        }
    }

    private int row() {
        return (2 * c.tiles().tileColumns() + more) * CHANNELS;
    }

    private int lanes(int chunk) {
        return IntMath.roundUp(Math.min(CHANNELS, channels - chunk * CHANNELS), 2 * VL);
    }

    /** Zeros, of which those around a picture stay from one to the next. */
    private float[] cleared(Group g) {
        int length = (2 * g.rows() + more) * row();
        float[] d = Scratch.PLANES.floats(length);
        Arrays.fill(d, 0, length, 0f);
        return d;
    }

    /** What a group reads of some channels of a picture, as [row, column, channel]. */
    private void turn(HostBuffer.Floats x, Group g, int picture, int chunk, float[] d) {
        int first = 2 * g.firstRow() - padH;
        int begin = Math.max(0, -first);
        int end = Math.min(2 * g.rows() + more, h - first);
        int from = x.offset() + (picture * channels + chunk * CHANNELS) * h * w;
        if (begin < end) {
            Turning.run(
                    x.array(),
                    from + (first + begin) * w,
                    h * w,
                    Math.min(CHANNELS, channels - chunk * CHANNELS),
                    (end - begin) * w,
                    d,
                    begin * row() + padW * CHANNELS,
                    place);
        }
    }
}
