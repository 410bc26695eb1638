package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.GemmKernels.SPECIES;
import static io.github.cortado.backend.cpu.GemmKernels.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small loops of vector operations that run once, for about a tenth of a second, before the first
 * large kernel is compiled.
 *
 * <p>C2 of JDK 17 inlines vector operations only up to a limit on the size of a method, and what it
 * inlines is larger while the operations' own profile is young. Kernels of some ninety operations
 * lie at that limit: in three of six processes that began with a convolution, up to 18 of the 24
 * stores of a register tile made an object each, for good, and LeNet trained a third slower. After
 * these loops none of 24 processes had such a store.
 */
final class VectorWarmUp {
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final int CALLS = 1000;
    private static final int LENGTH = 32;

    private VectorWarmUp() {}

    /** Runs them; the result is the sum of what they computed, so that none can be left out. */
    static float run() {
        float[] a = new float[LENGTH * VL];
        float[] b = new float[LENGTH];
        float[] c = new float[4 * VL];
        int[] bits = new int[LENGTH * VL];
        for (int i = 0; i < CALLS; i++) {
            int n = 1 + i % LENGTH;
            multiplyAdd(a, b, c, n);
            select(a, c, n);
            integers(bits, n);
        }
        float sum = 0;
        for (float v : c) {
            sum += v;
        }
        return sum + bits[0];
    }

    private static void multiplyAdd(float[] a, float[] b, float[] c, int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s = zero;
        FloatVector t = zero;
        for (int i = 0; i < n; i++) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, i * VL);
            FloatVector w = FloatVector.broadcast(SPECIES, b[i]);
            s = w.fma(x, s);
            t = x.fma(w, t);
        }
        zero.add(s).intoArray(c, 0);
        FloatVector.fromArray(SPECIES, c, VL).add(t).intoArray(c, VL);
        FloatVector.broadcast(SPECIES, b[0]).add(t).intoArray(c, 2 * VL);
    }

    private static void select(float[] a, float[] c, int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < n; i++) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, i * VL);
            VectorMask<Float> above = x.compare(VectorOperators.GT, zero);
            zero.blend(x, above).max(x).intoArray(c, 3 * VL);
            x.mul(x).sub(x).intoArray(a, i * VL);
        }
    }

    private static void integers(int[] bits, int n) {
        IntVector zero = IntVector.zero(BITS);
        for (int i = 0; i < n; i++) {
            IntVector x = IntVector.fromArray(BITS, bits, i * VL);
            VectorMask<Integer> above = x.compare(VectorOperators.GT, zero);
            zero.blend(x, above).max(x).and(x).add(x).intoArray(bits, i * VL);
        }
    }
}
