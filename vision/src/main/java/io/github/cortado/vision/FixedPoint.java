package io.github.cortado.vision;

/**
 * Sine and cosine in integers, so that every compiler and device computes the same bits.
 *
 * <p>Angles are degrees with 28 fraction bits, results have 30. The angle is brought to [-45, 45)
 * degrees by quadrants, which is exact, and the Taylor polynomials of degree 11 and 10 follow, in
 * 64-bit integers. The error stays below 2<sup>-27</sup> (7.5e-9); multiples of 90 degrees are
 * exact.
 */
final class FixedPoint {
    /** Fraction bits of angles, scales and shears. */
    static final int BITS = 28;

    /** Fraction bits of sine and cosine. */
    static final int TRIG_BITS = 30;

    private static final long DEGREES_90 = 90L << BITS;
    private static final long DEGREES_45 = 45L << BITS;
    // round(pi / 180 * 2^34): angle times this has 62 fraction bits.
    private static final long RADIANS_PER_DEGREE = 299_845_282L;
    private static final long ONE = 1L << TRIG_BITS;

    private FixedPoint() {}

    /** Returns floor(x 2<sup>28</sup> + 1/2). */
    static long of(double x) {
        return (long) Math.floor(x * (1L << BITS) + 0.5);
    }

    static long sin(long degrees) {
        long turned = Math.floorMod(degrees + DEGREES_45, 4 * DEGREES_90);
        int quadrant = (int) (turned / DEGREES_90);
        long x = radians(turned % DEGREES_90 - DEGREES_45);
        long s = (quadrant & 1) == 0 ? sinNearZero(x) : cosNearZero(x);
        return quadrant < 2 ? s : -s;
    }

    static long cos(long degrees) {
        return sin(degrees + DEGREES_90);
    }

    private static long radians(long degrees) {
        return (degrees * RADIANS_PER_DEGREE + (1L << 31)) >> 32;
    }

    /** x (1 - x²/6 (1 - x²/20 (1 - x²/42 (1 - x²/72 (1 - x²/110))))). */
    private static long sinNearZero(long x) {
        long x2 = times(x, x);
        long p = ONE - x2 / 110;
        p = ONE - times(x2, p) / 72;
        p = ONE - times(x2, p) / 42;
        p = ONE - times(x2, p) / 20;
        p = ONE - times(x2, p) / 6;
        return times(x, p);
    }

    /** 1 - x²/2 (1 - x²/12 (1 - x²/30 (1 - x²/56 (1 - x²/90)))). */
    private static long cosNearZero(long x) {
        long x2 = times(x, x);
        long p = ONE - x2 / 90;
        p = ONE - times(x2, p) / 56;
        p = ONE - times(x2, p) / 30;
        p = ONE - times(x2, p) / 12;
        return ONE - times(x2, p) / 2;
    }

    private static long times(long a, long b) {
        return (a * b + (1L << (TRIG_BITS - 1))) >> TRIG_BITS;
    }
}
