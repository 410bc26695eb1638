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

/**
 * Exponential, logarithm and their kin, element by element over ranges of arrays, {@code y[i] =
 * f(x[i])}; x and y may be the same range.
 *
 * <p>Polynomials of our own, each in two forms that do the same operations in the same order: on a
 * vector, and on a float for the ends of a range, so that a value does not depend on where it
 * stands, on the vector width or on the compiler. What needs an exponential goes in blocks through
 * a loop of exponentials. No vector goes to a method of ours or comes from one: C2 may stop to
 * inline at any of them, for it has a limit for all that it compiles into one method, and then
 * makes objects of vectors; the Vector API's own methods are exempt. The coefficients are weighted
 * least-squares fits made near-minimax by reweighting, each rounded to float before the next ones
 * were fitted. Errors are stated in units in the last place of the exact result, as the test
 * measures them.
 */
public final class ElementaryFunctions {
    /** 1.5 times 2^23: adding it rounds to an integer, which the low bits of the sum then hold. */
    static final float ROUND = 12582912f;

    static final int ROUND_BITS = 0x4B400000;
    static final int ONE_BITS = 0x3F800000;
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
    static final float EXP_HIGHEST = 89f;

    /** Up to there e^x and e^-x are normal numbers. */
    private static final float MODERATE = 87f;

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

    /** Values whose exponentials are taken in one go, so that every loop stays small. */
    private static final int BLOCK = 1024;

    private ElementaryFunctions() {}

    /**
     * y = e^x; at most 1 ulp off. Above 88.73 infinity, below -103.98 zero, between -87.34 and
     * there the subnormal numbers, rounded once.
     */
    public static void exp(float[] x, int xOff, float[] y, int yOff, int length) {
        int whole = length / VL * VL;
        for (int at = 0; at < whole; at += BLOCK) {
            int size = Math.min(BLOCK, whole - at);
            if (isModerate(x, xOff + at, size)) {
                expOfModerate(x, xOff + at, y, yOff + at, size);
            } else {
                expOfAny(x, xOff + at, y, yOff + at, size);
            }
        }
        for (int i = whole; i < length; i++) {
            y[yOff + i] = exp(x[xOff + i]);
        }
    }

    /** Whether the exponentials of x and -x are all normal numbers; over whole vectors. */
    private static boolean isModerate(float[] x, int xOff, int size) {
        IntVector most = FloatVector.zero(SPECIES).reinterpretAsInts();
        for (int i = 0; i < size; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            most = most.max(v.reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        return !most.compare(VectorOperators.GT, Float.floatToRawIntBits(MODERATE)).anyTrue();
    }

    /** The loop below where nothing is out of bounds and one factor does: half its operations. */
    private static void expOfModerate(float[] x, int xOff, float[] y, int yOff, int size) {
        for (int i = 0; i < size; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            FloatVector rounded = v.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUND));
            FloatVector n = rounded.sub(ROUND);
            FloatVector r =
                    n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), v));
            FloatVector p =
                    r.fma(broadcast(SPECIES, E6), broadcast(SPECIES, E5))
                            .fma(r, broadcast(SPECIES, E4))
                            .fma(r, broadcast(SPECIES, E3))
                            .fma(r, broadcast(SPECIES, E2));
            IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector factor = power.add(ONE_BITS).reinterpretAsFloats();
            TYPE.cast(r.mul(r).fma(p, r).fma(factor, factor)).intoArray(y, yOff + i);
        }
    }

    private static void expOfAny(float[] x, int xOff, float[] y, int yOff, int size) {
        FloatVector lowest = broadcast(SPECIES, EXP_LOWEST);
        FloatVector highest = broadcast(SPECIES, EXP_HIGHEST);
        for (int i = 0; i < size; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            // Not max and min: these take six instructions each.
            FloatVector bounded = v.blend(lowest, v.compare(VectorOperators.LT, lowest));
            bounded = bounded.blend(highest, v.compare(VectorOperators.GT, highest));
            FloatVector rounded =
                    bounded.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUND));
            FloatVector n = rounded.sub(ROUND);
            FloatVector r =
                    n.fma(
                            broadcast(SPECIES, -LN2_LOW),
                            n.fma(broadcast(SPECIES, -LN2_HIGH), bounded));
            FloatVector p =
                    r.fma(broadcast(SPECIES, E6), broadcast(SPECIES, E5))
                            .fma(r, broadcast(SPECIES, E4))
                            .fma(r, broadcast(SPECIES, E3))
                            .fma(r, broadcast(SPECIES, E2));
            // 2^n in two factors: the first never leaves the normal numbers, so only the last
            // rounds. The shift leaves nothing of ROUND.
            IntVector power = rounded.reinterpretAsInts();
            IntVector half = power.lanewise(VectorOperators.ASHR, 1);
            FloatVector first =
                    half.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
            FloatVector second =
                    power.sub(half)
                            .lanewise(VectorOperators.LSHL, 23)
                            .add(ONE_BITS)
                            .reinterpretAsFloats();
            TYPE.cast(r.mul(r).fma(p, r).fma(first, first).mul(second)).intoArray(y, yOff + i);
        }
    }

    /**
     * y = ln x; at most 1 ulp off. Of zero -infinity, of negative numbers NaN; subnormal numbers
     * are treated in full.
     */
    public static void log(float[] x, int xOff, float[] y, int yOff, int length) {
        int i = 0;
        for (; i <= length - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            VectorMask<Float> subnormal = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
            FloatVector normal = v.blend(v.mul(TWO_23), subnormal);
            IntVector bits = normal.reinterpretAsInts();
            IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
            FloatVector k = exponent.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
            k = k.blend(k.sub(23f), subnormal);
            FloatVector f =
                    bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                            .reinterpretAsFloats()
                            .sub(1f);
            FloatVector s = f.div(f.add(2f));
            FloatVector z = s.mul(s);
            FloatVector r =
                    z.fma(broadcast(SPECIES, 2f / 9), broadcast(SPECIES, 2f / 7))
                            .fma(z, broadcast(SPECIES, 2f / 5))
                            .fma(z, broadcast(SPECIES, 2f / 3))
                            .mul(z);
            FloatVector h = f.mul(0.5f).mul(f);
            FloatVector low = k.fma(broadcast(SPECIES, LN2_LOW), s.mul(h.add(r)));
            FloatVector found = k.fma(broadcast(SPECIES, LN2_HIGH), f.sub(h.sub(low)));
            found = found.blend(Float.NaN, v.compare(VectorOperators.LT, 0f));
            found = found.blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f));
            found = v.blend(found, v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
            TYPE.cast(found).intoArray(y, yOff + i);
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
            tanhOfLarge(e, size);
            tanhFinish(x, xOff + at, e, y, yOff + at, size);
        }
    }

    /**
     * y = 1 / (1 + e^(-x)), as e^x / (1 + e^x) where x is below 0, so that no exponential
     * overflows; at most 3 ulp off.
     */
    public static void sigmoid(float[] x, int xOff, float[] y, int yOff, int length) {
        float[] e = Scratch.EXPONENTS.floats(BLOCK);
        for (int at = 0; at < length; at += BLOCK) {
            int size = Math.min(BLOCK, length - at);
            if (size % VL == 0 && isModerate(x, xOff + at, size)) {
                sigmoidOfModerate(x, xOff + at, y, yOff + at, size);
                continue;
            }
            sigmoidExponents(x, xOff + at, e, size);
            exp(e, 0, e, 0, size);
            sigmoidFinish(x, xOff + at, e, y, yOff + at, size);
        }
    }

    /** e^x of one value, with the bits of the loop. */
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

    /** ln x of one value, with the bits of the loop. */
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

    /** e = 1 - 2 / (e + 1). */
    private static void tanhOfLarge(float[] e, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            FloatVector rest = broadcast(SPECIES, 2f).div(power.add(1f));
            TYPE.cast(broadcast(SPECIES, 1f).sub(rest)).intoArray(e, i);
        }
        for (; i < size; i++) {
            e[i] = 1f - 2f / (e[i] + 1f);
        }
    }

    /** x + x^3 P(x^2) for small x, else what {@link #tanhOfLarge} gave. */
    private static void tanhFinish(float[] x, int xOff, float[] e, float[] y, int yOff, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            FloatVector a = v.abs();
            FloatVector z = a.mul(a);
            FloatVector p =
                    z.fma(broadcast(SPECIES, T4), broadcast(SPECIES, T3))
                            .fma(z, broadcast(SPECIES, T2))
                            .fma(z, broadcast(SPECIES, T1))
                            .fma(z, broadcast(SPECIES, T0));
            FloatVector small = z.mul(a).fma(p, a);
            VectorMask<Float> isSmall = a.compare(VectorOperators.LT, TANH_SMALL);
            FloatVector large = FloatVector.fromArray(SPECIES, e, i);
            IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
            IntVector found = large.blend(small, isSmall).reinterpretAsInts().or(sign);
            TYPE.cast(found.reinterpretAsFloats()).intoArray(y, yOff + i);
        }
        for (; i < size; i++) {
            float v = x[xOff + i];
            float a = Math.abs(v);
            float z = a * a;
            float p = Math.fma(Math.fma(Math.fma(Math.fma(z, T4, T3), z, T2), z, T1), z, T0);
            y[yOff + i] = Math.copySign(a < TANH_SMALL ? Math.fma(z * a, p, a) : e[i], v);
        }
    }

    /** All in one loop, as {@link #expOfModerate}. */
    private static void sigmoidOfModerate(float[] x, int xOff, float[] y, int yOff, int size) {
        for (int i = 0; i < size; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOff + i);
            FloatVector a = v.reinterpretAsInts().or(Integer.MIN_VALUE).reinterpretAsFloats();
            FloatVector rounded = a.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUND));
            FloatVector n = rounded.sub(ROUND);
            FloatVector r =
                    n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), a));
            FloatVector p =
                    r.fma(broadcast(SPECIES, E6), broadcast(SPECIES, E5))
                            .fma(r, broadcast(SPECIES, E4))
                            .fma(r, broadcast(SPECIES, E3))
                            .fma(r, broadcast(SPECIES, E2));
            IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector factor = power.add(ONE_BITS).reinterpretAsFloats();
            FloatVector e = r.mul(r).fma(p, r).fma(factor, factor);
            VectorMask<Float> isBelow = v.compare(VectorOperators.LT, 0f);
            FloatVector above = broadcast(SPECIES, 1f).blend(e, isBelow);
            TYPE.cast(above.div(e.add(1f))).intoArray(y, yOff + i);
        }
    }

    private static void sigmoidExponents(float[] x, int xOff, float[] e, int size) {
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xOff + i).abs().neg().intoArray(e, i);
        }
        for (; i < size; i++) {
            e[i] = -Math.abs(x[xOff + i]);
        }
    }

    private static void sigmoidFinish(
            float[] x, int xOff, float[] e, float[] y, int yOff, int size) {
        FloatVector one = broadcast(SPECIES, 1f);
        int i = 0;
        for (; i <= size - VL; i += VL) {
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            VectorMask<Float> isBelow =
                    FloatVector.fromArray(SPECIES, x, xOff + i).compare(VectorOperators.LT, 0f);
            TYPE.cast(one.blend(power, isBelow).div(power.add(1f))).intoArray(y, yOff + i);
        }
        for (; i < size; i++) {
            y[yOff + i] = (x[xOff + i] < 0f ? e[i] : 1f) / (e[i] + 1f);
        }
    }
}
