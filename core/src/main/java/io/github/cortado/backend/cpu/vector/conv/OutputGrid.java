package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;
import static io.github.cortado.backend.cpu.vector.Orders.UPPER;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import jdk.incubator.vector.FloatVector;

/**
 * Where the outputs of a {@link Pass} lie in the pictures that it writes.
 *
 * @param restFollows what lies between outputs is written later, and may be overwritten
 */
record OutputGrid(Line rows, Line columns, boolean restFollows) {
    /** Every {@code step}th of {@code size} rows or columns, beginning with {@code first}. */
    record Line(int size, int first, int step) {}

    /** Everywhere: the outputs of forward. */
    static OutputGrid dense(Conv2dSpec s) {
        return new OutputGrid(new Line(s.outH(), 0, 1), new Line(s.outW(), 0, 1), false);
    }

    /** Elements of a channel of a picture. */
    int channelSize() {
        return rows.size * columns.size;
    }

    /** Where the first output of a row of outputs lies in a channel. */
    int begin(int row) {
        return (row * rows.step + rows.first) * columns.size + columns.first;
    }

    /**
     * Copies rows of outputs without the garbage between them. Whole vectors run over the end of a
     * row where the next row, which comes later, mends that.
     *
     * @param planes how the outputs lie in {@code from}
     * @param yAt where the first of them belongs
     */
    void copy(Planes planes, float[] from, int at, int rowCount, float[] y, int yAt) {
        int w = columns.size;
        int stepW = columns.step;
        int outputs = planes.outColumns();
        boolean dense = stepW == 1 && rows.step == 1 && outputs == w;
        for (int i = 0; i < rowCount; i++) {
            int source = at + i * planes.rowStride();
            int target = yAt + i * rows.step * w;
            int j = 0;
            if (dense) {
                int whole = Math.min(outputs + VL - 1, (rowCount - i) * w) / VL * VL;
                for (; j < whole; j += VL) {
                    FloatVector.fromArray(SPECIES, from, source + j).intoArray(y, target + j);
                }
            } else if (stepW == 2) {
                j = everySecond(from, source, outputs, y, target, w - columns.first);
            }
            for (; j < outputs; j++) {
                y[target + j * stepW] = from[source + j];
            }
        }
    }

    /**
     * Writes outputs to every second of {@code room} elements, in whole vectors, and the others
     * back as they are where nobody writes them later; returns how many outputs it wrote.
     */
    private int everySecond(
            float[] from, int source, int outputs, float[] y, int target, int room) {
        int j = 0;
        for (; 2 * (j + VL) <= room && j + VL <= outputs; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, from, source + j);
            FloatVector lower = v.rearrange(LOWER);
            FloatVector upper = v.rearrange(UPPER);
            int to = target + 2 * j;
            if (!restFollows) {
                lower = lower.blend(FloatVector.fromArray(SPECIES, y, to), ODD);
                upper = upper.blend(FloatVector.fromArray(SPECIES, y, to + VL), ODD);
            }
            lower.intoArray(y, to);
            upper.intoArray(y, to + VL);
        }
        return j;
    }
}
