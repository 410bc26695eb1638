package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.FloatVector.broadcast;

import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** e^x - 1 and ln(1 + x), which keep the digits of a small x; over whole vectors. */
final class CloseToZero {
    /** Below, e^x - 1 is -1 in float32. */
    private static final float LOWEST = -30f;

    /** From this power of 2 on, the 1 that is taken away is not seen. */
    private static final float LARGE = 64f;

    private CloseToZero() {}

    /**
     * y = e^x - 1; at most 2 ulp off. With x = n ln 2 + r it is 2^n (e^r - 1) + (2^n - 1), in which
     * nothing cancels.
     */
    static void expm1(float[] x, int p, float[] y, int to, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector bounded = v.max(LOWEST).min(ElementaryFunctions.EXP_HIGHEST);
            FloatVector rounded =
                    bounded.fma(
                            broadcast(SPECIES, ElementaryFunctions.LOG2_E),
                            broadcast(SPECIES, ElementaryFunctions.ROUND));
            FloatVector whole = rounded.sub(ElementaryFunctions.ROUND);
            FloatVector r =
                    whole.fma(
                            broadcast(SPECIES, -ElementaryFunctions.LN2_LOW),
                            whole.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_HIGH), bounded));
            FloatVector q =
                    r.fma(
                                    broadcast(SPECIES, ElementaryFunctions.E6),
                                    broadcast(SPECIES, ElementaryFunctions.E5))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E4))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E3))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E2));
            FloatVector small = r.mul(r).fma(q, r);
            IntVector power = rounded.reinterpretAsInts().sub(ElementaryFunctions.ROUND_BITS);
            IntVector half = power.lanewise(VectorOperators.ASHR, 1);
            FloatVector first =
                    half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector second =
                    power.sub(half)
                            .add(127)
                            .lanewise(VectorOperators.LSHL, 23)
                            .reinterpretAsFloats();
            FloatVector scale = first.mul(second);
            FloatVector found = small.fma(scale, scale.sub(1f));
            FloatVector large = small.add(1f).mul(first).mul(second);
            found = found.blend(large, whole.compare(VectorOperators.GT, LARGE));
            found = found.blend(v, v.compare(VectorOperators.EQ, 0f));
            TYPE.cast(found).intoArray(y, to + i);
        }
    }

    /**
     * y = ln(1 + x); at most 3 ulp off. With w = 1 + x rounded, x / (w - 1) times ln w has the
     * digits that the rounding lost. Source: Kahan, in Higham, Accuracy and Stability of Numerical
     * Algorithms, section 1.14.1.
     */
    static void log1p(float[] x, int p, float[] y, int to, int n) {
        float[] log = Scratch.NEAR_ZERO.floats(Block.SIZE);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).add(1f).intoArray(log, i);
        }
        ElementaryFunctions.log(log, 0, log, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector difference = v.add(1f).sub(1f);
            FloatVector exact = v.div(difference).mul(FloatVector.fromArray(SPECIES, log, i));
            VectorMask<Float> isItself = difference.compare(VectorOperators.EQ, 0f);
            isItself = isItself.or(v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
            TYPE.cast(exact.blend(v, isItself)).intoArray(y, to + i);
        }
    }
}
