package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * The pictures that {@link Winograd} reads, of {@code h} by {@code w} elements with zeros around
 * them, as they are laid out for the transform: even columns apart from odd ones, so that element
 * (r, s) of all tiles of a row lies at a constant distance.
 *
 * <p>A row is the even columns, then from {@link #phase} on the odd ones.
 *
 * @param padH rows of zeros above
 * @param padW columns of zeros on the left
 * @param tileRows rows of tiles of a picture
 * @param tileColumns tiles of such a row
 */
record WinogradTiles(int h, int w, int padH, int padW, int tileRows, int tileColumns) {
    /** The lanes with even numbers, twice, and those with odd ones. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL);

    private static final VectorShuffle<Float> ODD =
            VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL + 1);

    /** The tiles, each of {@code side} rows, of {@code outH} by {@code outW} elements. */
    static WinogradTiles of(int h, int w, int padH, int padW, int outH, int outW, int side) {
        return new WinogradTiles(
                h, w, padH, padW, IntMath.ceilDiv(outH, side), IntMath.ceilDiv(outW, side));
    }

    /** Elements from the even columns to the odd ones: a vector may run over the end of either. */
    int phase() {
        return tileColumns + 1 + VL;
    }

    /** Floats of {@code rows} rows of tiles. */
    int length(int rows) {
        return 2 * phase() * (2 * rows + 2) + VL;
    }

    /** Lays out what some rows of tiles read, in an array whose borders are 0. */
    void layOut(float[] from, int at, int firstRow, int rows, float[] to, int toOff) {
        int columns = tileColumns + 1;
        int even = toOff + padW % 2 * phase() + padW / 2;
        int odd = toOff + (1 - padW % 2) * phase() + (padW + 1) / 2;
        int evens = Math.min((w + 1) / 2, columns - padW / 2);
        int odds = Math.min(w / 2, columns - (padW + 1) / 2);
        int begin = Math.max(0, padH - 2 * firstRow);
        int end = Math.min(2 * rows + 2, h + padH - 2 * firstRow);
        for (int u = begin; u < end; u++) {
            int source = at + (2 * firstRow + u - padH) * w;
            int evenTo = even + u * 2 * phase();
            int oddTo = odd + u * 2 * phase();
            int q = 0;
            for (; q < evens && source + 2 * q + VL <= from.length; q += VL / 2) {
                FloatVector v = FloatVector.fromArray(SPECIES, from, source + 2 * q);
                v.rearrange(EVEN).intoArray(to, evenTo + q);
                v.rearrange(ODD).intoArray(to, oddTo + q);
            }
            for (int i = q; i < evens; i++) {
                to[evenTo + i] = from[source + 2 * i];
            }
            for (int i = q; i < odds; i++) {
                to[oddTo + i] = from[source + 2 * i + 1];
            }
            clear(to, evenTo + evens, columns - padW / 2 - evens);
            clear(to, oddTo + odds, columns - (padW + 1) / 2 - odds);
        }
    }

    /** Clears the right border again, over which vectors ran. */
    private static void clear(float[] to, int at, int length) {
        if (length > VL) {
            Arrays.fill(to, at, at + length, 0f);
            return;
        }
        for (int i = 0; i < length; i++) {
            to[at + i] = 0f;
        }
    }
}
