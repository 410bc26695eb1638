package io.github.cortado.backend.cpu.vector;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/** The same value many times: C2 makes a loop of single stores of {@code Arrays.fill}. */
public final class Fill {
    private Fill() {}

    /** y = value, n elements from place {@code to} on. */
    public static void run(float[] y, int to, int n, float value) {
        FloatVector all = FloatVector.broadcast(SPECIES, value);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            all.intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = value;
        }
    }
}
