package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Results cut off where they lie, min(max(v, 0), limit): a ReLU where that is infinite.
 *
 * <p>By comparisons, which leave what is no number: max and min themselves take seven instructions
 * each for that.
 */
final class Cut {
    private Cut() {}

    /** Cuts off {@code length} results of each row, if the limit is a number. */
    static void off(float limit, float[] y, int at, int rows, int length, int ld) {
        if (Float.isNaN(limit)) {
            return;
        }
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector most = FloatVector.broadcast(SPECIES, limit);
        for (int r = 0; r < rows; r++) {
            int i = at + r * ld;
            int end = i + length;
            for (; i <= end - VL; i += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, y, i);
                v = v.blend(zero, v.compare(VectorOperators.LE, zero));
                v = v.blend(most, v.compare(VectorOperators.GT, most));
                TYPE.cast(v).intoArray(y, i);
            }
            for (; i < end; i++) {
                y[i] = Math.min(Math.max(y[i], 0f), limit);
            }
        }
    }
}
