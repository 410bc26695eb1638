package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials of what is not above zero, as softmax takes them of distances from the largest: the
 * same bits as {@link ElementaryFunctions#exp}, by half the instructions, for nothing overflows.
 */
public final class Declines {
    /** Below, e^x is nearer to 0 than to the smallest float. */
    private static final float LOWEST = -104f;

    /** Powers of two are made 2^64 too large: none is subnormal before the last rounding. */
    private static final int RAISED_BITS = ElementaryFunctions.ROUND_BITS - 64 - 127;

    private static final float LOWER = 0x1p-64f;

    private Declines() {}

    /**
     * y = e^(x - less) for n neighbours, a vector of them at least, none of which is above {@code
     * less} by more than 40; y is not where x is.
     */
    public static void run(float[] x, int p, float less, float[] y, int q, int n) {
        FloatVector l = FloatVector.broadcast(SPECIES, less);
        for (int i = 0; i < n; i += VL) {
            // The last vector goes back as far as it must: what is computed twice is the same.
            int at = Math.min(i, n - VL);
            TYPE.cast(exp(FloatVector.fromArray(SPECIES, x, p + at).sub(l))).intoArray(y, q + at);
        }
    }

    /** y = e^(x - less) likewise, in whole vectors, where each lane has its own. */
    public static void run(float[] x, int p, float[] less, float[] y, int q, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector l = FloatVector.fromArray(SPECIES, less, j);
            TYPE.cast(exp(FloatVector.fromArray(SPECIES, x, p + j).sub(l))).intoArray(y, q + j);
        }
    }

    private static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.blend(LOWEST, x.compare(VectorOperators.LT, LOWEST));
        FloatVector rounded =
                bounded.fma(of(ElementaryFunctions.LOG2_E), of(ElementaryFunctions.ROUND));
        FloatVector n = rounded.sub(ElementaryFunctions.ROUND);
        FloatVector r =
                n.fma(
                        of(-ElementaryFunctions.LN2_LOW),
                        n.fma(of(-ElementaryFunctions.LN2_HIGH), bounded));
        FloatVector a = r.fma(of(ElementaryFunctions.E6), of(ElementaryFunctions.E5));
        FloatVector b = a.fma(r, of(ElementaryFunctions.E4)).fma(r, of(ElementaryFunctions.E3));
        FloatVector e = r.mul(r).fma(b.fma(r, of(ElementaryFunctions.E2)), r).add(1f);
        IntVector power =
                rounded.reinterpretAsInts().sub(RAISED_BITS).lanewise(VectorOperators.LSHL, 23);
        return e.mul(power.reinterpretAsFloats()).mul(LOWER);
    }

    private static FloatVector of(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }
}
