package io.github.cortado.backend.cpu.vector.pointwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.formula.Evaluation;
import java.util.Arrays;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class ElementaryFunctionsTest {
    /** Every so-manieth float is tried; {@code -Dcortado.math.step=1} tries all. */
    private static final int STEP = Integer.getInteger("cortado.math.step", 4999);

    @Test
    void expIsWithinItsStatedErrorEverywhere() {
        check("exp", 1.0, ElementaryFunctions::exp, StrictMath::exp, Float.MAX_VALUE);
    }

    @Test
    void logIsWithinItsStatedErrorEverywhere() {
        check("log", 1.0, ElementaryFunctions::log, StrictMath::log, Float.MAX_VALUE);
    }

    @Test
    void tanhIsWithinItsStatedErrorEverywhere() {
        check("tanh", 2.0, ElementaryFunctions::tanh, StrictMath::tanh, Float.MAX_VALUE);
    }

    @Test
    void expm1IsWithinItsStatedErrorEverywhere() {
        check("expm1", 2.0, whole(CloseToZero::expm1), StrictMath::expm1, Float.MAX_VALUE);
    }

    @Test
    void log1pIsWithinItsStatedErrorEverywhere() {
        check("log1p", 3.0, whole(CloseToZero::log1p), StrictMath::log1p, Float.MAX_VALUE);
    }

    @Test
    void sinIsWithinItsStatedErrorEverywhere() {
        check("sin", 2.5, whole(Trigonometry::sin), StrictMath::sin, Float.MAX_VALUE);
    }

    @Test
    void cosIsWithinItsStatedErrorEverywhere() {
        check("cos", 2.5, whole(Trigonometry::cos), StrictMath::cos, Float.MAX_VALUE);
    }

    @Test
    void theNearestWholeNumberIsExactEverywhere() {
        check("round", 0.5, whole(Powers::round), StrictMath::rint, Float.MAX_VALUE);
    }

    @Test
    void powersAreWithinTheirStatedErrorEverywhere() {
        float[] exponents = {
            0f,
            1f,
            -1f,
            2f,
            3f,
            -3f,
            0.5f,
            0.1f,
            -0.3f,
            1.7f,
            5f,
            7.25f,
            -12.5f,
            40f,
            100.5f,
            -200f,
            4_000_001f,
            1e10f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            1e-20f
        };
        for (float exponent : exponents) {
            float[] b = new float[Block.SIZE];
            Arrays.fill(b, exponent);
            Function power = (x, p, y, to, n) -> Powers.pow(x, p, b, 0, y, to, n);
            Exact exact = x -> Evaluation.power(x, exponent);
            check("pow " + exponent, 4.0, whole(power), exact, Float.MAX_VALUE);
        }
    }

    @Test
    void theNormalDistributionIsWithinItsStatedError() {
        Exact exact = x -> 0.5 * Erf.erfc(-x / Math.sqrt(2));
        check("normal cdf", 6.0, whole(NormalDistribution::cdf), exact, 12.9f);
    }

    @Test
    void theNormalDensityIsWithinItsStatedError() {
        Exact exact = x -> StrictMath.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
        check("normal pdf", 3.0, whole(NormalDistribution::pdf), exact, 13f);
    }

    /** Of a function that takes whole vectors alone. */
    private static Function whole(Function f) {
        return (x, p, y, to, n) -> {
            int length = (n + Lanes.VL - 1) / Lanes.VL * Lanes.VL;
            float[] block = new float[Block.SIZE];
            for (int at = 0; at < n; at += Block.SIZE) {
                int count = Math.min(Block.SIZE, length - at);
                System.arraycopy(x, p + at, block, 0, Math.min(Block.SIZE, n - at));
                f.apply(block, 0, block, 0, count);
                System.arraycopy(block, 0, y, to + at, Math.min(Block.SIZE, n - at));
            }
        };
    }

    @Test
    void sigmoidIsWithinItsStatedErrorWhereItIsNormal() {
        check("sigmoid", 3.0, ElementaryFunctions::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), 87f);
        for (float x : new float[] {-88.8f, -95f, -100f, -103f}) {
            float[] one = {x};
            ElementaryFunctions.sigmoid(one, 0, one, 0, 1);
            assertEquals(StrictMath.exp(x), one[0], Float.MIN_VALUE);
        }
        float[] y = {-104f, -1000f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
        ElementaryFunctions.sigmoid(y, 0, y, 0, y.length);
        assertEquals(0f, y[0]);
        assertEquals(0f, y[1]);
        assertEquals(0f, y[2]);
        assertEquals(1f, y[3]);
    }

    @Test
    void aNeighbourOutOfBoundsChangesNoBits() {
        float[] x = new float[1024];
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.max(-87f, Math.min(87f, (i - 512) * 0.171f));
        }
        Function[] functions = {ElementaryFunctions::exp, ElementaryFunctions::sigmoid};
        for (Function f : functions) {
            float[] alone = new float[x.length];
            f.apply(x, 0, alone, 0, x.length);
            for (float other : new float[] {88f, -104f, Float.NaN, Float.NEGATIVE_INFINITY}) {
                float[] beside = x.clone();
                beside[700] = other;
                f.apply(beside, 0, beside, 0, x.length);
                beside[700] = alone[700];
                assertArrayEquals(alone, beside);
            }
        }
    }

    @Test
    void zeroKeepsItsSign() {
        Function[] odd = {
            ElementaryFunctions::tanh,
            whole(CloseToZero::expm1),
            whole(CloseToZero::log1p),
            whole(Trigonometry::sin),
            whole(Powers::round)
        };
        for (Function f : odd) {
            float[] zeros = new float[20];
            Arrays.fill(zeros, -0f);
            f.apply(zeros, 0, zeros, 0, zeros.length);
            for (float zero : zeros) {
                assertEquals(-0f, zero);
            }
        }
    }

    /** Compares with the exact function, and the vectors with the scalar ends, in bits. */
    private static void check(String name, double ulps, Function f, Exact exact, float largest) {
        int length = 1 << 12;
        float[] x = new float[length + 1];
        float[] y = new float[length + 1];
        float[] one = new float[1];
        double worst = 0;
        float worstAt = 0;
        long bits = Integer.MIN_VALUE;
        while (bits <= Integer.MAX_VALUE) {
            int count = 0;
            while (count < length && bits <= Integer.MAX_VALUE) {
                float value = Float.intBitsToFloat((int) bits);
                bits += STEP;
                if (!(Math.abs(value) > largest) || Float.isInfinite(value)) {
                    x[1 + count++] = value;
                }
            }
            f.apply(x, 1, y, 0, count);
            for (int i = 0; i < count; i++) {
                if (i % 61 == 0) {
                    f.apply(x, 1 + i, one, 0, 1);
                    assertEquals(
                            Float.floatToIntBits(one[0]),
                            Float.floatToIntBits(y[i]),
                            name + " of " + x[1 + i]);
                }
                double off = distance(exact.of(x[1 + i]), y[i]);
                if (off > worst) {
                    worst = off;
                    worstAt = x[1 + i];
                }
            }
        }
        System.out.printf("%s: at most %.3f ulp off, at %s%n", name, worst, worstAt);
        assertTrue(worst <= ulps, name + " is " + worst + " ulp off at " + worstAt);
    }

    /** |actual - exact| in ulps of the exact result; 0 for the same NaN or infinity. */
    private static double distance(double exact, float actual) {
        if (Double.isNaN(exact) || Float.isInfinite((float) exact)) {
            return Float.compare((float) exact, actual) == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        double ulp = Math.max(Math.ulp((float) exact), Float.MIN_VALUE);
        return Math.abs(actual - exact) / ulp;
    }

    @FunctionalInterface
    private interface Function {
        void apply(float[] x, int xOff, float[] y, int yOff, int length);
    }

    @FunctionalInterface
    private interface Exact {
        double of(double x);
    }
}
