package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.EVEN;

import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * How the elements that each tile of {@link Winograd} reads are laid out one by one: [row and
 * column of a tile, tile], 0 where a tile reaches beyond the picture. Tiles of pictures in which a
 * row of them is much shorter than a vector then lie together.
 *
 * <p>Of a channel of a picture, columns are taken apart into those of the same place in a tile's
 * step, then rows of tiles are copied, and what lies beyond the picture is cleared. Whole vectors
 * run over the end of what they copy where that is written later.
 */
final class WinogradElements {
    /** The lanes with odd numbers, twice. */
    private static final VectorShuffle<Float> ODD =
            VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL + 1);

    /** The lanes whose numbers are multiples of 4, and 1 to 3 more, four times. */
    private static final VectorShuffle<Float> FOURTH =
            VectorShuffle.fromOp(SPECIES, l -> 4 * l % VL);

    private static final VectorShuffle<Float> FOURTH_1 =
            VectorShuffle.fromOp(SPECIES, l -> 4 * l % VL + 1);
    private static final VectorShuffle<Float> FOURTH_2 =
            VectorShuffle.fromOp(SPECIES, l -> 4 * l % VL + 2);
    private static final VectorShuffle<Float> FOURTH_3 =
            VectorShuffle.fromOp(SPECIES, l -> 4 * l % VL + 3);

    private final int step;

    /** Rows of a picture and their length, or all of them as one where none begins in a step. */
    private final int rows;

    private final int length;

    /**
     * Floats of such a row's columns of a place, and from one place's columns to the next ones'.
     */
    private final int columns;

    private final int place;

    /** Whole vectors to copy, from columns of a place to the elements of tiles. */
    private final int[] from;

    private final int[] to;

    /** Elements beyond the picture. */
    private final int[] beyond;

    /**
     * The layout of whole pictures.
     *
     * @param ld floats from one element of all tiles to the next
     */
    WinogradElements(WinogradForm form, WinogradTiles tiles, int ld) {
        step = form.step;
        boolean one = tiles.w() % step == 0;
        rows = one ? 1 : tiles.h();
        length = one ? tiles.h() * tiles.w() : tiles.w();
        columns = IntMath.ceilDiv(length, step);
        place = rows * columns + 3 * VL;
        int ofRow = IntMath.ceilDiv(tiles.w(), step);
        int ofPicture = tiles.tileRows() * tiles.tileColumns();
        int vectors = IntMath.ceilDiv(tiles.tileColumns(), VL);
        int elements = form.reads * form.reads;
        int[] sources = new int[elements * tiles.tileRows() * vectors];
        int[] targets = new int[sources.length];
        int[] outside = new int[elements * ofPicture];
        int copies = 0;
        int clears = 0;
        for (int e = 0; e < elements; e++) {
            int first = e % form.reads - tiles.padW();
            for (int tileRow = 0; tileRow < tiles.tileRows(); tileRow++) {
                int row = tileRow * step + e / form.reads - tiles.padH();
                int target = e * ld + tileRow * tiles.tileColumns();
                boolean inside = row >= 0 && row < tiles.h();
                for (int i = 0; inside && i < vectors; i++) {
                    sources[copies] =
                            VL
                                    + Math.floorMod(first, step) * place
                                    + row * ofRow
                                    + Math.floorDiv(first, step)
                                    + i * VL;
                    targets[copies++] = target + i * VL;
                }
                for (int j = 0; j < tiles.tileColumns(); j++) {
                    int column = j * step + first;
                    if (!inside || column < 0 || column >= tiles.w()) {
                        outside[clears++] = target + j;
                    }
                }
            }
        }
        from = Arrays.copyOf(sources, copies);
        to = Arrays.copyOf(targets, copies);
        beyond = Arrays.copyOf(outside, clears);
    }

    /** Floats that {@link #layOut} needs for a moment. */
    int scratch() {
        return step * place + 2 * VL;
    }

    /**
     * Lays out a channel of a picture, and some garbage behind.
     *
     * @param d the elements of the picture's tiles from {@code dOff} on; before them, from {@code
     *     apart} on, room for {@link #scratch}
     */
    void layOut(float[] x, int at, float[] d, int apart, int dOff) {
        for (int row = 0; row < rows; row++) {
            takeApart(x, at + row * length, d, apart + VL + row * columns);
        }
        for (int i = 0; i < from.length; i++) {
            FloatVector.fromArray(SPECIES, d, apart + from[i]).intoArray(d, dOff + to[i]);
        }
        for (int i : beyond) {
            d[dOff + i] = 0f;
        }
    }

    private void takeApart(float[] x, int at, float[] d, int to) {
        int whole = Math.min(length, x.length - at - VL + 1);
        int q = 0;
        if (step == 2) {
            for (; q < whole; q += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, at + q);
                int target = to + q / 2;
                v.rearrange(EVEN).intoArray(d, target);
                v.rearrange(ODD).intoArray(d, target + place);
            }
        } else {
            for (; q < whole; q += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, at + q);
                int target = to + q / 4;
                v.rearrange(FOURTH).intoArray(d, target);
                v.rearrange(FOURTH_1).intoArray(d, target + place);
                v.rearrange(FOURTH_2).intoArray(d, target + 2 * place);
                v.rearrange(FOURTH_3).intoArray(d, target + 3 * place);
            }
        }
        for (; q < length; q++) {
            d[to + q % step * place + q / step] = x[at + q];
        }
    }
}
