package io.github.cortado.backend.cpu.vector.resample;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/** Loops over whole rows. */
final class Rows {
    private Rows() {}

    /** y = (1 - weight) top + weight bottom. */
    static void blend(float[] x, int top, int bottom, float weight, float[] y, int yo, int n) {
        float rest = 1 - weight;
        FloatVector v = FloatVector.broadcast(SPECIES, weight);
        FloatVector u = FloatVector.broadcast(SPECIES, rest);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, bottom + i)
                    .fma(v, FloatVector.fromArray(SPECIES, x, top + i).mul(u))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.fma(x[bottom + i], weight, x[top + i] * rest);
        }
    }

    /** sums += weight x. */
    static void add(float[] x, int xo, float weight, float[] sums, int n) {
        FloatVector w = FloatVector.broadcast(SPECIES, weight);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .fma(w, FloatVector.fromArray(SPECIES, sums, i))
                    .intoArray(sums, i);
        }
        for (; i < n; i++) {
            sums[i] = Math.fma(x[xo + i], weight, sums[i]);
        }
    }
}
