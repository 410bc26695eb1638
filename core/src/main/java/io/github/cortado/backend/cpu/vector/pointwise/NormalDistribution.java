package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static jdk.incubator.vector.FloatVector.broadcast;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The normal distribution and its density, over whole vectors.
 *
 * <p>With a = |x|, the normal distribution at -a is e^(-a^2 / 2) t Q(t), t = 1 / (1 + a C): Q is a
 * polynomial fitted here to e^(a^2 / 2) Phi(-a) / t on [0, 14.5], where Phi(-a) reaches float32's
 * smallest numbers, and is off by 3.2e-8 of it. The square is kept in two parts, for an error of
 * half an ulp in 100 would be one of 30 in its exponential. So far down there is no 1 - 1 to lose
 * digits, which erf has from -4 on.
 */
final class NormalDistribution {
    private static final int VL = Lanes.VL;
    private static final float C = 0.35f;

    /** From there on the distribution is 0 or 1 in float32. */
    private static final float FAR = 15f;

    private static final float Q0 = 0.1396213f;
    private static final float Q1 = 0.13986354f;
    private static final float Q2 = 0.11982118f;
    private static final float Q3 = 0.10555293f;
    private static final float Q4 = -0.023213394f;
    private static final float Q5 = 0.15932125f;
    private static final float Q6 = -0.2558404f;
    private static final float Q7 = 0.14403161f;
    private static final float Q8 = -0.02915803f;

    /** 1 / sqrt(2 pi). */
    private static final float DENSITY = 0.3989423f;

    private NormalDistribution() {}

    /** y = Phi(x); at most 6 ulp off where it is normal. */
    static void cdf(float[] x, int p, float[] y, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Block.SIZE);
        bell(x, p, e, 0, n, 1f);
        tails(x, p, e, y, to, n);
    }

    /** y = e^(-x^2 / 2) / sqrt(2 pi); at most 3 ulp off where it is normal. */
    static void pdf(float[] x, int p, float[] y, int to, int n) {
        bell(x, p, y, to, n, DENSITY);
    }

    /** y = height e^(-x^2 / 2); as {@link ElementaryFunctions#exp} of a number in two parts. */
    private static void bell(float[] x, int p, float[] y, int to, int n, float height) {
        for (int i = 0; i < n; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + i).abs().min(FAR);
            FloatVector half = a.mul(-0.5f);
            FloatVector high = half.mul(a);
            FloatVector low = half.fma(a, high.neg());
            FloatVector rounded =
                    high.fma(
                            broadcast(SPECIES, ElementaryFunctions.LOG2_E),
                            broadcast(SPECIES, ElementaryFunctions.ROUND));
            FloatVector k = rounded.sub(ElementaryFunctions.ROUND);
            FloatVector r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_HIGH), high);
            r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_LOW), r).add(low);
            FloatVector q =
                    r.fma(
                            broadcast(SPECIES, ElementaryFunctions.E6),
                            broadcast(SPECIES, ElementaryFunctions.E5));
            q = q.fma(r, broadcast(SPECIES, ElementaryFunctions.E4));
            q = q.fma(r, broadcast(SPECIES, ElementaryFunctions.E3));
            q = q.fma(r, broadcast(SPECIES, ElementaryFunctions.E2));
            FloatVector e = r.mul(r).fma(q, r).add(1f).mul(height);
            IntVector power = rounded.reinterpretAsInts().sub(ElementaryFunctions.ROUND_BITS);
            IntVector first = power.lanewise(VectorOperators.ASHR, 1);
            IntVector second = power.sub(first);
            e = e.mul(first.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
            e = e.mul(second.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
            TYPE.cast(e).intoArray(y, to + i);
        }
    }

    /**
     * y = Phi(x), given e = e^(-x^2 / 2): what lies below x is e t Q(t), or above, and 1 less it.
     */
    private static void tails(float[] x, int p, float[] e, float[] y, int to, int n) {
        FloatVector one = broadcast(SPECIES, 1f);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector t = one.div(v.abs().min(FAR).mul(C).add(1f));
            FloatVector q = t.fma(broadcast(SPECIES, Q8), broadcast(SPECIES, Q7));
            q = q.fma(t, broadcast(SPECIES, Q6)).fma(t, broadcast(SPECIES, Q5));
            q = q.fma(t, broadcast(SPECIES, Q4)).fma(t, broadcast(SPECIES, Q3));
            q = q.fma(t, broadcast(SPECIES, Q2)).fma(t, broadcast(SPECIES, Q1));
            q = q.fma(t, broadcast(SPECIES, Q0)).mul(t);
            FloatVector tail = q.mul(FloatVector.fromArray(SPECIES, e, i));
            tail = tail.blend(one.sub(tail), v.compare(VectorOperators.GT, 0f));
            TYPE.cast(tail).intoArray(y, to + i);
        }
    }
}
