package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Loops over n neighbours, from element p of an array on. */
final class Neighbours {
    private Neighbours() {}

    /** The largest; some NaN where there is one. */
    static float max(float[] x, int p, int n) {
        FloatVector a = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 4 * VL; i += 4 * VL) {
            a = a.max(FloatVector.fromArray(SPECIES, x, p + i));
            b = b.max(FloatVector.fromArray(SPECIES, x, p + i + VL));
            c = c.max(FloatVector.fromArray(SPECIES, x, p + i + 2 * VL));
            d = d.max(FloatVector.fromArray(SPECIES, x, p + i + 3 * VL));
        }
        for (; i <= n - VL; i += VL) {
            a = a.max(FloatVector.fromArray(SPECIES, x, p + i));
        }
        float max = largest(TYPE.cast(a).max(b).max(TYPE.cast(c).max(d)));
        for (; i < n; i++) {
            max = Math.max(max, x[p + i]);
        }
        return max;
    }

    /** Of integers, which are in the order of floats if the bits of negative ones are turned. */
    private static float largest(FloatVector v) {
        // NaN may be negative, and then would be the smallest.
        FloatVector marked = v.blend(Float.NaN, v.compare(VectorOperators.NE, v));
        IntVector bits = marked.reinterpretAsInts();
        IntVector turned = bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE);
        int max = bits.lanewise(VectorOperators.XOR, turned).reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(max ^ (max >> 31 & Integer.MAX_VALUE));
    }

    /** The first that is equal to {@code value}, or n. */
    static int first(float[] x, int p, int n, float value) {
        FloatVector wanted = FloatVector.broadcast(SPECIES, value);
        int i = 0;
        while (i <= n - VL
                && !FloatVector.fromArray(SPECIES, x, p + i)
                        .compare(VectorOperators.EQ, wanted)
                        .anyTrue()) {
            i += VL;
        }
        while (i < n && x[p + i] != value) {
            i++;
        }
        return i;
    }

    /** The first NaN, or n. */
    static int firstNaN(float[] x, int p, int n) {
        int i = 0;
        while (i < n && !Float.isNaN(x[p + i])) {
            i++;
        }
        return i;
    }
}
