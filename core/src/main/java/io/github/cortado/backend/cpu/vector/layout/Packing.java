package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Copies of matrix blocks into panels: for each step of k, {@code panel} values that lie together,
 * the last ones zero where the matrix ends.
 *
 * <p>Only the one species of the kernels is used here, as everywhere in this package: JDK 17 boxes
 * the vectors of every loop once loads and stores have met a second one.
 */
public final class Packing {
    private Packing() {}

    /** Packs a block that is stored row by row of k: {@code depth} rows of {@code width} values. */
    public static void rows(
            float[] from, int at, int ld, int depth, int width, float[] to, int toOff, int panel) {
        if (width < panel) {
            for (int p = 0; p < depth; p++) {
                int row = toOff + p * panel;
                for (int j = 0; j < width; j++) {
                    to[row + j] = from[at + p * ld + j];
                }
                Arrays.fill(to, row + width, row + panel, 0f);
            }
            return;
        }
        if (panel % VL == 0) {
            for (int p = 0; p < depth; p++) {
                for (int j = 0; j < panel; j += VL) {
                    FloatVector.fromArray(SPECIES, from, at + p * ld + j)
                            .intoArray(to, toOff + p * panel + j);
                }
            }
        } else {
            eightWide(from, at, ld, depth, to, toOff);
        }
    }

    private static void eightWide(float[] from, int at, int ld, int depth, float[] to, int toOff) {
        for (int p = 0; p < depth; p++) {
            int source = at + p * ld;
            int target = toOff + 8 * p;
            to[target] = from[source];
            to[target + 1] = from[source + 1];
            to[target + 2] = from[source + 2];
            to[target + 3] = from[source + 3];
            to[target + 4] = from[source + 4];
            to[target + 5] = from[source + 5];
            to[target + 6] = from[source + 6];
            to[target + 7] = from[source + 7];
        }
    }

    /** Packs a block whose k runs along the rows: {@code width} rows of {@code depth} values. */
    public static void columns(
            float[] from, int at, int ld, int depth, int width, float[] to, int toOff, int panel) {
        int j = 0;
        for (; j <= width - 4; j += 4) {
            fourColumns(from, at + j * ld, ld, depth, to, toOff + j, panel);
        }
        for (; j < width; j++) {
            for (int p = 0; p < depth; p++) {
                to[toOff + p * panel + j] = from[at + j * ld + p];
            }
        }
        if (width < panel) {
            for (int p = 0; p < depth; p++) {
                int target = toOff + p * panel;
                Arrays.fill(to, target + width, target + panel, 0f);
            }
        }
    }

    /** Four, because C2 keeps the places of eight in vector registers. */
    private static void fourColumns(
            float[] from, int at, int ld, int depth, float[] to, int toOff, int panel) {
        int r1 = at + ld;
        int r2 = r1 + ld;
        int r3 = r2 + ld;
        for (int p = 0; p < depth; p++) {
            int target = toOff + p * panel;
            to[target] = from[at + p];
            to[target + 1] = from[r1 + p];
            to[target + 2] = from[r2 + p];
            to[target + 3] = from[r3 + p];
        }
    }
}
