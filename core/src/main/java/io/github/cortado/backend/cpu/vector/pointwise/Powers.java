package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.FloatVector.broadcast;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.formula.Evaluation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * a^b = e^(b ln a) over whole vectors, and the nearest whole number. The logarithm has to be twice
 * as exact as a float: its error times b is the power's. It is kept in two parts therefore. Zeros,
 * what is not finite, and exponents whose lowest digit is above 1 / 2 are computed as doubles.
 */
final class Powers {
    private static final float SMALLEST = Float.MIN_NORMAL;
    private static final float LARGEST_EXPONENT = 0x1p22f;

    /** Powers of e beyond which are infinite, or 0. */
    private static final float FAR = 120f;

    private static final float TWO_23 = 0x1p23f;

    private static final int ROOT_HALF_BITS = 0x3f3504f3;
    private static final int ONE_BITS = 0x3f800000;
    private static final int MANTISSA = 0x007fffff;

    // ln((1 + s) / (1 - s)) = 2 s + s z (2/3 + 2/5 z + ...), z = s^2.
    private static final float L0 = 2f / 3;
    private static final float L1 = 2f / 5;
    private static final float L2 = 2f / 7;
    private static final float L3 = 2f / 9;
    private static final float L4 = 2f / 11;

    private Powers() {}

    /** y = the whole number next to x, the even one of two. */
    static void round(float[] x, int p, float[] y, int to, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector size = v.abs();
            FloatVector whole = size.add(TWO_23).sub(TWO_23);
            // What is larger is whole, and NaN stays.
            whole = size.blend(whole, size.compare(VectorOperators.LT, TWO_23));
            IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
            TYPE.cast(whole.reinterpretAsInts().or(sign).reinterpretAsFloats())
                    .intoArray(y, to + i);
        }
    }

    /** y = a^b; at most 4 ulp off. */
    static void pow(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, a, p + i);
            FloatVector v = FloatVector.fromArray(SPECIES, b, q + i);
            if (areOrdinary(u, v)) {
                TYPE.cast(ofOrdinary(u, v)).intoArray(y, to + i);
            } else {
                some(u, v, y, to + i);
            }
        }
    }

    private static boolean areOrdinary(FloatVector a, FloatVector b) {
        FloatVector size = a.abs();
        return size.compare(VectorOperators.GE, SMALLEST)
                .and(size.compare(VectorOperators.LE, Float.MAX_VALUE))
                .and(b.abs().compare(VectorOperators.LT, LARGEST_EXPONENT))
                .allTrue();
    }

    private static void some(FloatVector a, FloatVector b, float[] y, int to) {
        float[] lanes = Scratch.EXPONENTS.floats(Block.SIZE);
        a.intoArray(lanes, 0);
        b.intoArray(lanes, VL);
        TYPE.cast(ofOrdinary(a, b)).intoArray(y, to);
        for (int k = 0; k < VL; k++) {
            float u = lanes[k];
            float v = lanes[VL + k];
            float size = Math.abs(u);
            if (!(size >= SMALLEST && size <= Float.MAX_VALUE && Math.abs(v) < LARGEST_EXPONENT)) {
                y[to + k] = (float) Evaluation.power(u, v);
            }
        }
    }

    private static FloatVector ofOrdinary(FloatVector a, FloatVector b) {
        // |a| = 2^e m, m from 1 / sqrt(2) to sqrt(2).
        IntVector bits = a.abs().reinterpretAsInts().add(ONE_BITS - ROOT_HALF_BITS);
        IntVector e = bits.lanewise(VectorOperators.ASHR, 23).sub(127);
        FloatVector m = bits.and(MANTISSA).add(ROOT_HALF_BITS).reinterpretAsFloats();
        FloatVector scale = (FloatVector) e.convert(VectorOperators.I2F, 0);
        // s = (m - 1) / (m + 1) in two parts.
        FloatVector f = m.sub(1f);
        FloatVector d = m.add(1f);
        FloatVector lost = m.sub(d.sub(1f));
        FloatVector s = f.div(d);
        FloatVector rest = s.neg().fma(d, f).sub(s.mul(lost)).div(d);
        FloatVector z = s.mul(s);
        FloatVector series =
                z.fma(broadcast(SPECIES, L4), broadcast(SPECIES, L3))
                        .fma(z, broadcast(SPECIES, L2))
                        .fma(z, broadcast(SPECIES, L1))
                        .fma(z, broadcast(SPECIES, L0));
        FloatVector small = z.mul(series).fma(s, rest.add(rest));
        small = scale.fma(broadcast(SPECIES, ElementaryFunctions.LN2_LOW), small);
        // ln |a| = high + low: the parts by size, so that what the sum loses is known.
        FloatVector twice = s.add(s);
        FloatVector whole = scale.mul(ElementaryFunctions.LN2_HIGH);
        FloatVector sum = whole.add(twice);
        FloatVector back = sum.sub(whole);
        FloatVector gap = whole.sub(sum.sub(back)).add(twice.sub(back));
        FloatVector below = small.add(gap);
        FloatVector high = sum.add(below);
        FloatVector low = sum.sub(high).add(below);
        FloatVector t = b.mul(high);
        FloatVector tail = b.fma(high, t.neg()).add(b.mul(low));
        VectorMask<Float> isFar = t.abs().compare(VectorOperators.GT, FAR);
        return signed(power(t.max(-FAR).min(FAR), tail.blend(0f, isFar)), a, b);
    }

    /** e^(t + tail), as {@link CloseToZero#expm1} scales it. */
    private static FloatVector power(FloatVector t, FloatVector tail) {
        FloatVector rounded =
                t.fma(
                        broadcast(SPECIES, ElementaryFunctions.LOG2_E),
                        broadcast(SPECIES, ElementaryFunctions.ROUND));
        FloatVector k = rounded.sub(ElementaryFunctions.ROUND);
        FloatVector r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_HIGH), t);
        r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_LOW), r).add(tail);
        FloatVector p =
                r.fma(
                                broadcast(SPECIES, ElementaryFunctions.E6),
                                broadcast(SPECIES, ElementaryFunctions.E5))
                        .fma(r, broadcast(SPECIES, ElementaryFunctions.E4))
                        .fma(r, broadcast(SPECIES, ElementaryFunctions.E3))
                        .fma(r, broadcast(SPECIES, ElementaryFunctions.E2));
        FloatVector found = r.mul(r).fma(p, r).add(1f);
        IntVector exponent = rounded.reinterpretAsInts().sub(ElementaryFunctions.ROUND_BITS);
        IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
        return found.mul(twoTo(half)).mul(twoTo(exponent.sub(half)));
    }

    private static FloatVector twoTo(IntVector exponent) {
        return exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    /** Negative where a is and b is odd, NaN where a is and b is not whole. */
    private static FloatVector signed(FloatVector power, FloatVector a, FloatVector b) {
        FloatVector shifted = b.abs().add(TWO_23);
        VectorMask<Float> isPart = shifted.sub(TWO_23).compare(VectorOperators.NE, b.abs());
        VectorMask<Float> isBelow = a.compare(VectorOperators.LT, 0f);
        IntVector sign =
                shifted.reinterpretAsInts()
                        .and(a.reinterpretAsInts().lanewise(VectorOperators.LSHR, 31))
                        .lanewise(VectorOperators.LSHL, 31);
        FloatVector found =
                power.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
        return found.blend(Float.NaN, isPart.and(isBelow));
    }
}
