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
        float[] logs = Scratch.EXPONENTS.floats(2 * Block.SIZE);
        logarithms(a, p, b, q, logs, n);
        if (areOrdinary(a, p, b, q, n)) {
            powers(a, p, b, q, logs, y, to, n);
            return;
        }
        float[] bases = Scratch.OPERANDS.floats(Block.SIZE);
        float[] exponents = Scratch.SECOND_OPERANDS.floats(Block.SIZE);
        System.arraycopy(a, p, bases, 0, n);
        System.arraycopy(b, q, exponents, 0, n);
        powers(a, p, b, q, logs, y, to, n);
        for (int i = 0; i < n; i++) {
            float u = bases[i];
            float v = exponents[i];
            float size = Math.abs(u);
            if (!(size >= SMALLEST && size <= Float.MAX_VALUE && Math.abs(v) < LARGEST_EXPONENT)) {
                y[to + i] = (float) Evaluation.power(u, v);
            }
        }
    }

    private static boolean areOrdinary(float[] a, int p, float[] b, int q, int n) {
        boolean all = true;
        for (int i = 0; i < n; i += VL) {
            FloatVector size = FloatVector.fromArray(SPECIES, a, p + i).abs();
            FloatVector exponent = FloatVector.fromArray(SPECIES, b, q + i).abs();
            all &=
                    size.compare(VectorOperators.GE, SMALLEST)
                            .and(size.compare(VectorOperators.LE, Float.MAX_VALUE))
                            .and(exponent.compare(VectorOperators.LT, LARGEST_EXPONENT))
                            .allTrue();
        }
        return all;
    }

    /**
     * b ln |a|, where that is not so far from 0 that its power is 0 or infinite: its high part, and
     * a block behind it the low one.
     */
    private static void logarithms(float[] a, int p, float[] b, int q, float[] logs, int n) {
        for (int i = 0; i < n; i += VL) {
            // |a| = 2^e m, m from 1 / sqrt(2) to sqrt(2).
            IntVector bits =
                    FloatVector.fromArray(SPECIES, a, p + i)
                            .abs()
                            .reinterpretAsInts()
                            .add(ONE_BITS - ROOT_HALF_BITS);
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
            // The larger parts' sum, and what it loses.
            FloatVector twice = s.add(s);
            FloatVector whole = scale.mul(ElementaryFunctions.LN2_HIGH);
            FloatVector sum = whole.add(twice);
            FloatVector back = sum.sub(whole);
            FloatVector below = small.add(whole.sub(sum.sub(back)).add(twice.sub(back)));
            FloatVector log = sum.add(below);
            FloatVector after = sum.sub(log).add(below);
            FloatVector v = FloatVector.fromArray(SPECIES, b, q + i);
            FloatVector t = v.mul(log);
            FloatVector tail = v.fma(log, t.neg()).add(v.mul(after));
            VectorMask<Float> isFar = t.abs().compare(VectorOperators.GT, FAR);
            TYPE.cast(t.max(-FAR).min(FAR)).intoArray(logs, i);
            TYPE.cast(tail.blend(0f, isFar)).intoArray(logs, Block.SIZE + i);
        }
    }

    /**
     * y = e^(high + low), of what {@link #logarithms} made, as {@link CloseToZero#expm1} scales it;
     * negative where a is and b is odd, NaN where a is negative and b is not whole.
     */
    private static void powers(
            float[] a, int p, float[] b, int q, float[] logs, float[] y, int to, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector t = FloatVector.fromArray(SPECIES, logs, i);
            FloatVector rounded =
                    t.fma(
                            broadcast(SPECIES, ElementaryFunctions.LOG2_E),
                            broadcast(SPECIES, ElementaryFunctions.ROUND));
            FloatVector k = rounded.sub(ElementaryFunctions.ROUND);
            FloatVector r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_HIGH), t);
            r = k.fma(broadcast(SPECIES, -ElementaryFunctions.LN2_LOW), r);
            r = r.add(FloatVector.fromArray(SPECIES, logs, Block.SIZE + i));
            FloatVector polynomial =
                    r.fma(
                                    broadcast(SPECIES, ElementaryFunctions.E6),
                                    broadcast(SPECIES, ElementaryFunctions.E5))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E4))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E3))
                            .fma(r, broadcast(SPECIES, ElementaryFunctions.E2));
            IntVector exponent = rounded.reinterpretAsInts().sub(ElementaryFunctions.ROUND_BITS);
            IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
            FloatVector first =
                    half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
            FloatVector second =
                    exponent.sub(half)
                            .add(127)
                            .lanewise(VectorOperators.LSHL, 23)
                            .reinterpretAsFloats();
            FloatVector found = r.mul(r).fma(polynomial, r).add(1f).mul(first).mul(second);
            FloatVector u = FloatVector.fromArray(SPECIES, a, p + i);
            FloatVector size = FloatVector.fromArray(SPECIES, b, q + i).abs();
            FloatVector shifted = size.add(TWO_23);
            IntVector odd = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 31);
            IntVector sign = odd.and(u.reinterpretAsInts());
            VectorMask<Float> isNone =
                    shifted.sub(TWO_23)
                            .compare(VectorOperators.NE, size)
                            .and(u.compare(VectorOperators.LT, 0f));
            FloatVector signed =
                    found.reinterpretAsInts()
                            .lanewise(VectorOperators.XOR, sign)
                            .reinterpretAsFloats();
            TYPE.cast(signed.blend(Float.NaN, isNone)).intoArray(y, to + i);
        }
    }
}
