package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;
import static io.github.cortado.backend.cpu.vector.Orders.UPPER;

import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;

/**
 * Rows become columns: 16 rows at a time in two passes, each of which takes one element of four
 * rows after the other, whatever the width of vectors.
 */
public final class Turning {
    /** Rows that are turned together. */
    private static final int ROWS = 16;

    /** Elements of a row that stay in a first-level cache between the passes. */
    private static final int LENGTH = 256;

    private Turning() {}

    /**
     * to[toOff + place[p] + j] = from[at + j ld + p] for p below {@code length} and j below {@code
     * rows}.
     *
     * <p>The caller has the scratch array HALF_TURNED.
     */
    public static void run(
            float[] from,
            int at,
            int ld,
            int rows,
            int length,
            float[] to,
            int toOff,
            int[] place) {
        int wholeRows = rows - rows % ROWS;
        int whole = wholeRows == 0 ? 0 : length - length % VL;
        float[] half = Scratch.HALF_TURNED.floats(ROWS * LENGTH);
        for (int j = 0; j < wholeRows; j += ROWS) {
            for (int first = 0; first < whole; first += LENGTH) {
                int count = Math.min(LENGTH, whole - first);
                for (int r = 0; r < 4; r++) {
                    int source = at + (j + r) * ld + first;
                    byFour(from, source, 4 * ld, count, half, 4 * r * LENGTH);
                }
                byFourToPlaces(half, 4 * count, to, toOff + j, place, first);
            }
            single(from, at, ld, j, j + ROWS, whole, length, to, toOff, place);
        }
        single(from, at, ld, wholeRows, rows, 0, length, to, toOff, place);
    }

    /** Takes one element of rows 0 to 3 after the other. */
    private static void byFour(float[] from, int at, int ld, int length, float[] to, int toOff) {
        for (int i = 0; i < length; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, from, at + i);
            FloatVector b = FloatVector.fromArray(SPECIES, from, at + ld + i);
            FloatVector c = FloatVector.fromArray(SPECIES, from, at + 2 * ld + i);
            FloatVector d = FloatVector.fromArray(SPECIES, from, at + 3 * ld + i);
            FloatVector ac = a.rearrange(LOWER).blend(c.rearrange(LOWER), ODD);
            FloatVector bd = b.rearrange(LOWER).blend(d.rearrange(LOWER), ODD);
            int target = toOff + 4 * i;
            TYPE.cast(ac.rearrange(LOWER).blend(bd.rearrange(LOWER), ODD)).intoArray(to, target);
            target += VL;
            TYPE.cast(ac.rearrange(UPPER).blend(bd.rearrange(UPPER), ODD)).intoArray(to, target);
            ac = a.rearrange(UPPER).blend(c.rearrange(UPPER), ODD);
            bd = b.rearrange(UPPER).blend(d.rearrange(UPPER), ODD);
            target += VL;
            TYPE.cast(ac.rearrange(LOWER).blend(bd.rearrange(LOWER), ODD)).intoArray(to, target);
            target += VL;
            TYPE.cast(ac.rearrange(UPPER).blend(bd.rearrange(UPPER), ODD)).intoArray(to, target);
        }
    }

    /** The second pass: 16 elements belong to one place, which may be several vectors. */
    private static void byFourToPlaces(
            float[] half, int length, float[] to, int toOff, int[] place, int first) {
        for (int i = 0; i < length; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, half, i);
            FloatVector b = FloatVector.fromArray(SPECIES, half, 4 * LENGTH + i);
            FloatVector c = FloatVector.fromArray(SPECIES, half, 8 * LENGTH + i);
            FloatVector d = FloatVector.fromArray(SPECIES, half, 12 * LENGTH + i);
            FloatVector ac = a.rearrange(LOWER).blend(c.rearrange(LOWER), ODD);
            FloatVector bd = b.rearrange(LOWER).blend(d.rearrange(LOWER), ODD);
            int p = first + i / 4;
            int at0 = toOff + place[p];
            int at1 = toOff + place[p + VL / ROWS] + VL % ROWS;
            int at2 = toOff + place[p + 2 * VL / ROWS] + 2 * VL % ROWS;
            int at3 = toOff + place[p + 3 * VL / ROWS] + 3 * VL % ROWS;
            TYPE.cast(ac.rearrange(LOWER).blend(bd.rearrange(LOWER), ODD)).intoArray(to, at0);
            TYPE.cast(ac.rearrange(UPPER).blend(bd.rearrange(UPPER), ODD)).intoArray(to, at1);
            ac = a.rearrange(UPPER).blend(c.rearrange(UPPER), ODD);
            bd = b.rearrange(UPPER).blend(d.rearrange(UPPER), ODD);
            TYPE.cast(ac.rearrange(LOWER).blend(bd.rearrange(LOWER), ODD)).intoArray(to, at2);
            TYPE.cast(ac.rearrange(UPPER).blend(bd.rearrange(UPPER), ODD)).intoArray(to, at3);
        }
    }

    /** Elements {@code begin} to {@code end - 1} of some rows, one by one. */
    private static void single(
            float[] from,
            int at,
            int ld,
            int firstRow,
            int endRow,
            int begin,
            int end,
            float[] to,
            int toOff,
            int[] place) {
        for (int p = begin; p < end; p++) {
            int target = toOff + place[p];
            for (int j = firstRow; j < endRow; j++) {
                to[target + j] = from[at + j * ld + p];
            }
        }
    }
}
