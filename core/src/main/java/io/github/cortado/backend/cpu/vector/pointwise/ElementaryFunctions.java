package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponential, logarithm and their kin, element by element over ranges of arrays, {@code y[i] =
 * f(x[i])}; x and y may be the same range.
 *
 * <p>Polynomials of our own, each in two forms that do the same operations in the same order: on a
 * vector, and on a float for the ends of a range, so that a value does not depend on where it
 * stands, on the vector width or on the compiler. What needs an exponential goes in blocks through
 * a loop of exponentials: one large loop is not compiled in one piece, and then boxes its vectors.
 * The coefficients are weighted least-squares fits made near-minimax by reweighting, each rounded
 * to float before the next ones were fitted. Errors are stated in units in the last place of the
 * exact result, as the test measures them.
 */
public final class ElementaryFunctions {
    /** 1.5 times 2^23: adding it rounds to an integer, which the low bits of the sum then hold. */
    static final float ROUND = 12582912f;

    static final int ROUND_BITS = 0x4B400000;
    static final float LOG2_E = 1.442695f;

    /** ln 2 in two parts, the first so short that its product with an exponent is exact. */
    static final float LN2_HIGH = 355f / 512;

    static final float LN2_LOW = -2.1219444e-4f;

    /** (e^r - 1 - r) / r^2 for |r| up to ln 2 / 2; error of e^r 3e-9. */
    static final float E2 = 0.49999994f;

    static final float E3 = 0.16666521f;
    static final float E4 = 0.041668296f;
    static final float E5 = 0.008368716f;
    static final float E6 = 0.0013818365f;
    private static final float EXP_LOWEST = -104f;
    private static final float EXP_HIGHEST = 89f;

    /** The bits of sqrt(1/2), where the mantissas for the logarithm begin. */
    private static final int SQRT_HALF_BITS = 0x3F3504F3;

    private static final float TWO_23 = 8388608f;

    /** (tanh x - x) / x^3 in powers of x^2, up to 0.65. */
    private static final float T0 = -0.3333326f;

    private static final float T1 = 0.13330829f;
    private static final float T2 = -0.05368792f;
    private static final float T3 = 0.0204691f;
    private static final float T4 = -0.005514837f;
    private static final float TANH_SMALL = 0.65f;

    /** erf x / x - 1 in powers of x^2, up to 1. */
    private static final float F0 = 0.12837917f;

    private static final float F1 = -0.37612626f;
    private static final float F2 = 0.11283579f;
    private static final float F3 = -0.026853347f;
    private static final float F4 = 0.005187162f;
    private static final float F5 = -7.997853e-4f;
    private static final float F6 = 7.806903e-5f;

    /** ln(1 - erf x) in powers of x - 1, from 1 to 4, where erf is 1 within half an ulp. */
    private static final float G0 = -1.8496056f;

    private static final float G1 = -2.6389627f;
    private static final float G2 = -0.8431736f;
    private static final float G3 = -0.041251972f;
    private static final float G4 = 0.009426999f;
    private static final float G5 = -0.0014565426f;
    private static final float G6 = 8.236324e-5f;

    /** Values whose exponentials are taken in one go, so that every loop stays small. */
    private static final int BLOCK = 1024;

    private ElementaryFunctions() {}

    /**
     * y = e^x; at most 1 ulp off. Above 88.73 infinity, below -103.98 zero, between -87.34 and
     * there the subnormal numbers, rounded once.
     */
    public static void exp(float[] x, int xOff, float[] y, int yOff, int length) {
        int i = 0;
        for (; i <= length - VL; i += VL) {
            exp(FloatVector.fromArray(SPECIES, x, xOff + i)).intoArray(y, yOff + i);
        }
        for (; i < length; i++) {
            y[yOff + i] = exp(x[xOff + i]);
        }
    }

    /**
     * y = ln x; at most 1 ulp off. Of zero -infinity, of negative numbers NaN; subnormal numbers
     * are treated in full.
     */
    public static void log(float[] x, int xOff, float[] y, int yOff, int length) {
        int i = 0;
        for (; i <= length - VL; i += VL) {
            log(FloatVector.fromArray(SPECIES, x, xOff + i)).intoArray(y, yOff + i);
        }
        for (; i < length; i++) {
            y[yOff + i] = log(x[xOff + i]);
        }
    }

    /** y = tanh x; at most 2 ulp off. */
    public static void tanh(float[] x, int xOff, float[] y, int yOff, int length) {
        float[] e = Scratch.EXPONENTS.floats(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            int size = Math.min(BLOCK, length - at);
            tanhExponents(x, xOff + at, e, size);
            exp(e, 0, e, 0, size);
            tanhFinish(x, xOff + at, e, y, yOff + at, size);
        }
    }

    /** y = erf x = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x; at most 2 ulp off. */
    public static void erf(float[] x, int xOff, float[] y, int yOff, int length) {
        float[] e = Scratch.EXPONENTS.floats(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            int size = Math.min(BLOCK, length - at);
            erfExponents(x, xOff + at, e, size);
            exp(e, 0, e, 0, size);
            erfFinish(x, xOff + at, e, y, yOff + at, size);
        }
    }

    /**
     * y = 1 / (1 + e^(-x)); at most 3 ulp off down to -87, and zero below -88.73, where the exact
     * value is subnormal.
     */
    public static void sigmoid(float[] x, int xOff, float[] y, int yOff, int length) {
        float[] e = Scratch.EXPONENTS.floats(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            int size = Math.min(BLOCK, length - at);
            sigmoidExponents(x, xOff + at, e, size);
            exp(e, 0, e, 0, size);
            sigmoidFinish(e, y, yOff + at, size);
        }
    }

    /** {@link #exp(float[], int, float[], int, int)} of each lane. */
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(EXP_LOWEST).min(EXP_HIGHEST);
        FloatVector rounded = bounded.fma(of(LOG2_E), of(ROUND));
        FloatVector n = rounded.sub(ROUND);
        FloatVector r = n.fma(of(-LN2_LOW), n.fma(of(-LN2_HIGH), bounded));
        FloatVector p = r.fma(of(E6), of(E5)).fma(r, of(E4)).fma(r, of(E3)).fma(r, of(E2));
        FloatVector e = r.mul(r).fma(p, r).add(1f);
        // 2^n in two factors: the first never leaves the normal numbers, so only the last rounds.
        IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        FloatVector first = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector second =
                power.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return e.mul(first).mul(second);
    }

    /** {@link #exp(FloatVector)} of one value, with the same bits. */
    static float exp(float x) {
        float bounded = Math.min(Math.max(x, EXP_LOWEST), EXP_HIGHEST);
        float rounded = Math.fma(bounded, LOG2_E, ROUND);
        float n = rounded - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
        float p = Math.fma(Math.fma(Math.fma(Math.fma(r, E6, E5), r, E4), r, E3), r, E2);
        float e = Math.fma(r * r, p, r) + 1f;
        int power = Float.floatToRawIntBits(rounded) - ROUND_BITS;
        int half = power >> 1;
        float first = Float.intBitsToFloat((half + 127) << 23);
        float second = Float.intBitsToFloat((power - half + 127) << 23);
        return e * first * second;
    }

    /** {@link #log(float[], int, float[], int, int)} of each lane. */
    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector normal = x.blend(x.mul(TWO_23), subnormal);
        IntVector bits = normal.reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector k = exponent.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
        k = k.blend(k.sub(23f), subnormal);
        FloatVector f =
                bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
        FloatVector s = f.div(f.add(2f));
        FloatVector z = s.mul(s);
        FloatVector r = z.fma(of(2f / 9), of(2f / 7)).fma(z, of(2f / 5)).fma(z, of(2f / 3)).mul(z);
        FloatVector h = f.mul(0.5f).mul(f);
        FloatVector low = k.fma(of(LN2_LOW), s.mul(h.add(r)));
        FloatVector y = k.fma(of(LN2_HIGH), f.sub(h.sub(low)));
        y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
        return x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
    }

    /** {@link #log(FloatVector)} of one value, with the same bits. */
    static float log(float x) {
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        if (x <= 0f) {
            return x < 0f ? Float.NaN : Float.NEGATIVE_INFINITY;
        }
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * TWO_23 : x);
        int exponent = (bits - SQRT_HALF_BITS) >> 23;
        float k = subnormal ? exponent - 23f : exponent;
        float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1f;
        // ln(1 + f) = f - f^2/2 + s (f^2/2 + 2/3 s^2 + 2/5 s^4 ...) for s = f / (2 + f)
        float s = f / (f + 2f);
        float z = s * s;
        float r = Math.fma(Math.fma(Math.fma(z, 2f / 9, 2f / 7), z, 2f / 5), z, 2f / 3) * z;
        float h = f * 0.5f * f;
        float low = Math.fma(k, LN2_LOW, s * (h + r));
        return Math.fma(k, LN2_HIGH, f - (h - low));
    }

    private static void tanhExponents(float[] x, int xOff, float[] e, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xOff + i).abs();
            a.add(a).intoArray(e, i);
        }
        for (; i < size; i++) {
            float a = Math.abs(x[xOff + i]);
            e[i] = a + a;
        }
    }

    /** x + x^3 P(x^2) for small x, else 1 - 2 / (e^(2x) + 1). */
    private static void tanhFinish(float[] x, int xOff, float[] e, float[] y, int yOff, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            FloatVector a = v.abs();
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            FloatVector large = of(1f).sub(of(2f).div(power.add(1f)));
            FloatVector z = a.mul(a);
            FloatVector p = z.fma(of(T4), of(T3)).fma(z, of(T2)).fma(z, of(T1)).fma(z, of(T0));
            FloatVector small = z.mul(a).fma(p, a);
            VectorMask<Float> isSmall = a.compare(VectorOperators.LT, TANH_SMALL);
            withSign(large.blend(small, isSmall), v).intoArray(y, yOff + i);
        }
        for (; i < size; i++) {
            float v = x[xOff + i];
            float a = Math.abs(v);
            float large = 1f - 2f / (e[i] + 1f);
            float z = a * a;
            float p = Math.fma(Math.fma(Math.fma(Math.fma(z, T4, T3), z, T2), z, T1), z, T0);
            y[yOff + i] = Math.copySign(a < TANH_SMALL ? Math.fma(z * a, p, a) : large, v);
        }
    }

    private static void erfExponents(float[] x, int xOff, float[] e, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector t = FloatVector.fromArray(SPECIES, x, xOff + i).abs().min(4f).sub(1f);
            FloatVector g = t.fma(of(G6), of(G5)).fma(t, of(G4)).fma(t, of(G3));
            g.fma(t, of(G2)).fma(t, of(G1)).fma(t, of(G0)).intoArray(e, i);
        }
        for (; i < size; i++) {
            float t = Math.min(Math.abs(x[xOff + i]), 4f) - 1f;
            float g = Math.fma(Math.fma(Math.fma(t, G6, G5), t, G4), t, G3);
            e[i] = Math.fma(Math.fma(Math.fma(g, t, G2), t, G1), t, G0);
        }
    }

    /** x + x P(x^2) for small x, else 1 - e^(polynomial of x - 1). */
    private static void erfFinish(float[] x, int xOff, float[] e, float[] y, int yOff, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            FloatVector a = v.abs();
            FloatVector large = of(1f).sub(FloatVector.fromArray(SPECIES, e, i));
            FloatVector z = a.mul(a);
            FloatVector p = z.fma(of(F6), of(F5)).fma(z, of(F4)).fma(z, of(F3));
            p = p.fma(z, of(F2)).fma(z, of(F1)).fma(z, of(F0));
            VectorMask<Float> isSmall = a.compare(VectorOperators.LT, 1f);
            withSign(large.blend(a.fma(p, a), isSmall), v).intoArray(y, yOff + i);
        }
        for (; i < size; i++) {
            float v = x[xOff + i];
            float a = Math.abs(v);
            float z = a * a;
            float p = Math.fma(Math.fma(Math.fma(z, F6, F5), z, F4), z, F3);
            p = Math.fma(Math.fma(Math.fma(p, z, F2), z, F1), z, F0);
            y[yOff + i] = Math.copySign(a < 1f ? Math.fma(a, p, a) : 1f - e[i], v);
        }
    }

    private static void sigmoidExponents(float[] x, int xOff, float[] e, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xOff + i).neg().intoArray(e, i);
        }
        for (; i < size; i++) {
            e[i] = -x[xOff + i];
        }
    }

    private static void sigmoidFinish(float[] e, float[] y, int yOff, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            of(1f).div(power.add(1f)).intoArray(y, yOff + i);
        }
        for (; i < size; i++) {
            y[yOff + i] = 1f / (e[i] + 1f);
        }
    }

    private static FloatVector withSign(FloatVector y, FloatVector x) {
        IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
        return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    static FloatVector of(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }
}
