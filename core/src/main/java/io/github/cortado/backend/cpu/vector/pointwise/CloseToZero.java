package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions.of;

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
     * y = e^x - 1. With x = n ln 2 + r it is 2^n (e^r - 1) + (2^n - 1), in which nothing cancels.
     */
    static void expm1(float[] x, int p, float[] y, int to, int n) {
        for (int i = 0; i < n; i += VL) {
            expm1(FloatVector.fromArray(SPECIES, x, p + i)).intoArray(y, to + i);
        }
    }

    private static FloatVector expm1(FloatVector x) {
        FloatVector bounded = x.max(LOWEST).min(ElementaryFunctions.EXP_HIGHEST);
        FloatVector rounded =
                bounded.fma(of(ElementaryFunctions.LOG2_E), of(ElementaryFunctions.ROUND));
        FloatVector n = rounded.sub(ElementaryFunctions.ROUND);
        FloatVector r =
                n.fma(
                        of(-ElementaryFunctions.LN2_LOW),
                        n.fma(of(-ElementaryFunctions.LN2_HIGH), bounded));
        FloatVector q =
                r.fma(of(ElementaryFunctions.E6), of(ElementaryFunctions.E5))
                        .fma(r, of(ElementaryFunctions.E4))
                        .fma(r, of(ElementaryFunctions.E3))
                        .fma(r, of(ElementaryFunctions.E2));
        FloatVector small = r.mul(r).fma(q, r);
        IntVector power = rounded.reinterpretAsInts().sub(ElementaryFunctions.ROUND_BITS);
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        FloatVector first = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector second =
                power.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector scale = first.mul(second);
        FloatVector y = small.fma(scale, scale.sub(1f));
        FloatVector large = small.add(1f).mul(first).mul(second);
        y = y.blend(large, n.compare(VectorOperators.GT, LARGE));
        return y.blend(x, x.compare(VectorOperators.EQ, 0f));
    }

    /**
     * y = ln(1 + x). With w = 1 + x rounded, ln w times x / (w - 1) has the digits that the
     * rounding lost. Source: Kahan, in Higham, Accuracy and Stability of Numerical Algorithms,
     * section 1.14.1.
     */
    static void log1p(float[] x, int p, float[] y, int to, int n) {
        float[] log = Scratch.VALUES.floats(Block.SIZE);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).add(1f).intoArray(log, i);
        }
        ElementaryFunctions.log(log, 0, log, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector difference = v.add(1f).sub(1f);
            FloatVector exact = FloatVector.fromArray(SPECIES, log, i).mul(v).div(difference);
            VectorMask<Float> isItself = difference.compare(VectorOperators.EQ, 0f);
            isItself = isItself.or(v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
            exact.blend(v, isItself).intoArray(y, to + i);
        }
    }
}
