package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FixedPointTest {
    private static final double ONE = 1L << FixedPoint.TRIG_BITS;

    @Test
    void sineAndCosineAreWithinTwoToTheMinus27() {
        double worst = 0;
        for (int i = -400_000; i <= 400_000; i++) {
            double degrees = i * 0.001 + 0.000123;
            long fixed = FixedPoint.of(degrees);
            double radians = Math.toRadians(fixed / (double) (1L << FixedPoint.BITS));
            worst = Math.max(worst, Math.abs(FixedPoint.sin(fixed) / ONE - Math.sin(radians)));
            worst = Math.max(worst, Math.abs(FixedPoint.cos(fixed) / ONE - Math.cos(radians)));
        }
        System.out.printf("fixed-point sine and cosine: largest error %.2g%n", worst);
        assertEquals(0, worst, 0x1p-27);
    }

    @Test
    void multiplesOfNinetyDegreesAreExact() {
        long[] sines = {0, 1L << 30, 0, -1L << 30};
        for (int i = -8; i < 8; i++) {
            long fixed = FixedPoint.of(90 * i);
            assertEquals(sines[i & 3], FixedPoint.sin(fixed));
            assertEquals(sines[i + 1 & 3], FixedPoint.cos(fixed));
        }
    }
}
