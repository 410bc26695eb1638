package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions.of;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The normal distribution and its density, and the gradient of the exact GELU of both.
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

    /** y = Phi(x). */
    static void cdf(float[] x, int p, float[] y, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Block.SIZE);
        exponentials(x, p, e, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector below = tail(v.abs().min(FAR)).mul(FloatVector.fromArray(SPECIES, e, i));
            FloatVector above = of(1f).sub(below);
            below.blend(above, v.compare(VectorOperators.GT, 0f)).intoArray(y, to + i);
        }
    }

    /** y = e^(-x^2 / 2) / sqrt(2 pi). */
    static void pdf(float[] x, int p, float[] y, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Block.SIZE);
        exponentials(x, p, e, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, e, i).mul(DENSITY).intoArray(y, to + i);
        }
    }

    /** dx = dy (Phi(x) + x phi(x)). */
    static void geluGradient(float[] x, int p, float[] dy, int q, float[] dx, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Block.SIZE);
        exponentials(x, p, e, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector a = v.abs().min(FAR);
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            // Phi(-a) - a phi(a), which 1 is less for positive x.
            FloatVector below = power.mul(tail(a)).sub(power.mul(v.abs()).mul(DENSITY));
            FloatVector above = of(1f).sub(below);
            FloatVector derivative = below.blend(above, v.compare(VectorOperators.GT, 0f));
            derivative.mul(FloatVector.fromArray(SPECIES, dy, q + i)).intoArray(dx, to + i);
        }
    }

    /** e^(-x^2 / 2). */
    private static void exponentials(float[] x, int p, float[] e, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + i).abs().min(FAR);
            a.mul(-0.5f).mul(a).intoArray(e, i);
        }
        ElementaryFunctions.exp(e, 0, e, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + i).abs().min(FAR);
            FloatVector half = a.mul(-0.5f);
            FloatVector low = half.fma(a, half.mul(a).neg());
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            power.fma(low, power).intoArray(e, i);
        }
    }

    /** t Q(t). */
    private static FloatVector tail(FloatVector a) {
        FloatVector one = of(1f);
        FloatVector t = one.div(a.fma(of(C), one));
        FloatVector q = t.fma(of(Q8), of(Q7)).fma(t, of(Q6)).fma(t, of(Q5)).fma(t, of(Q4));
        return q.fma(t, of(Q3)).fma(t, of(Q2)).fma(t, of(Q1)).fma(t, of(Q0)).mul(t);
    }
}
