package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.EVEN;
import static io.github.cortado.backend.cpu.vector.Orders.SECOND_HALF;
import static io.github.cortado.backend.cpu.vector.Orders.UNEVEN;

import jdk.incubator.vector.FloatVector;

/** What becomes of n pairs of neighbours; results may begin where the first pair does. */
final class Pairs {
    private Pairs() {}

    /** y_j = x_2j + x_(2j+1). */
    static void add(float[] x, int p, float[] y, int q, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + 2 * j);
            FloatVector b = FloatVector.fromArray(SPECIES, x, p + 2 * j + VL);
            a.rearrange(EVEN)
                    .blend(b.rearrange(EVEN), SECOND_HALF)
                    .add(a.rearrange(UNEVEN).blend(b.rearrange(UNEVEN), SECOND_HALF))
                    .intoArray(y, q + j);
        }
        for (; j < n; j++) {
            y[q + j] = x[p + 2 * j] + x[p + 2 * j + 1];
        }
    }

    /** y_j = the larger of x_2j and x_(2j+1). */
    static void max(float[] x, int p, float[] y, int q, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + 2 * j);
            FloatVector b = FloatVector.fromArray(SPECIES, x, p + 2 * j + VL);
            a.rearrange(EVEN)
                    .blend(b.rearrange(EVEN), SECOND_HALF)
                    .max(a.rearrange(UNEVEN).blend(b.rearrange(UNEVEN), SECOND_HALF))
                    .intoArray(y, q + j);
        }
        for (; j < n; j++) {
            y[q + j] = Math.max(x[p + 2 * j], x[p + 2 * j + 1]);
        }
    }
}
