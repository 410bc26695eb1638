package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** SiLU, softplus, ELU and their gradients, and leaky ReLU's. */
final class Activations {
    private static final int VL = Lanes.VL;

    /** From there on softplus is the identity, as PyTorch has it. */
    private static final float THRESHOLD = 20f;

    private Activations() {}

    /** y = x sigmoid(x). */
    static void silu(float[] x, int p, float[] y, int to, int n) {
        float[] s = Scratch.VALUES.floats(Blocks.SIZE);
        ElementaryFunctions.sigmoid(x, p, s, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i)
                    .mul(FloatVector.fromArray(SPECIES, s, i))
                    .intoArray(y, to + i);
        }
    }

    /** dx = dy s (1 + x (1 - s)), s = sigmoid(x). */
    static void siluGradient(float[] x, int p, float[] dy, int q, float[] dx, int to, int n) {
        float[] s = Scratch.VALUES.floats(Blocks.SIZE);
        ElementaryFunctions.sigmoid(x, p, s, 0, n);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector sigmoid = FloatVector.fromArray(SPECIES, s, i);
            FloatVector slope = one.sub(sigmoid).fma(v, one);
            FloatVector.fromArray(SPECIES, dy, q + i).mul(sigmoid).mul(slope).intoArray(dx, to + i);
        }
    }

    /**
     * y = ln(1 + e^x), x where it is above 20. With u = 1 + e^x rounded, ln u times e^x / (u - 1)
     * has the digits that the rounding lost. Source: Kahan, in Higham, Accuracy and Stability of
     * Numerical Algorithms, section 1.14.1.
     */
    static void softplus(float[] x, int p, float[] y, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Blocks.SIZE);
        float[] log = Scratch.VALUES.floats(Blocks.SIZE);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).min(THRESHOLD).intoArray(e, i);
        }
        ElementaryFunctions.exp(e, 0, e, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, e, i).add(1f).intoArray(log, i);
        }
        ElementaryFunctions.log(log, 0, log, 0, n);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            FloatVector rounded = power.add(1f).sub(1f);
            FloatVector exact = FloatVector.fromArray(SPECIES, log, i).mul(power).div(rounded);
            FloatVector small = exact.blend(power, rounded.compare(VectorOperators.EQ, 0f));
            small.blend(v, v.compare(VectorOperators.GT, THRESHOLD)).intoArray(y, to + i);
        }
    }

    /**
     * dx = dy sigmoid(x), dy where x is above 20. From e^(-|x|), which is no infinity where the
     * result is subnormal.
     */
    static void softplusGradient(float[] x, int p, float[] dy, int q, float[] dx, int to, int n) {
        float[] e = Scratch.EXPONENTS.floats(Blocks.SIZE);
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).abs().neg().intoArray(e, i);
        }
        ElementaryFunctions.exp(e, 0, e, 0, n);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
            FloatVector power = FloatVector.fromArray(SPECIES, e, i);
            FloatVector over = one.blend(power, v.compare(VectorOperators.LT, 0f));
            g.mul(over.div(power.add(1f)))
                    .blend(g, v.compare(VectorOperators.GT, THRESHOLD))
                    .intoArray(dx, to + i);
        }
    }

    /**
     * y = x where x > 0, else alpha (e^x - 1). With u = e^x rounded, (u - 1) x / ln u has the
     * digits that the difference lost; source as for {@link #softplus}.
     */
    static Blocks.Unary elu(float alpha) {
        return (x, p, y, to, n) -> {
            float[] e = Scratch.EXPONENTS.floats(Blocks.SIZE);
            float[] log = Scratch.VALUES.floats(Blocks.SIZE);
            negativePowers(x, p, e, n);
            ElementaryFunctions.log(e, 0, log, 0, n);
            for (int i = 0; i < n; i += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector difference = FloatVector.fromArray(SPECIES, e, i).sub(1f);
                FloatVector exact = difference.mul(v).div(FloatVector.fromArray(SPECIES, log, i));
                VectorMask<Float> isWhole = difference.compare(VectorOperators.EQ, -1f);
                FloatVector some = exact.blend(difference, isWhole);
                some = some.blend(v, difference.compare(VectorOperators.EQ, 0f));
                some.mul(alpha).blend(v, v.compare(VectorOperators.GT, 0f)).intoArray(y, to + i);
            }
        };
    }

    /** dx = dy where x > 0, else dy alpha e^x. */
    static Blocks.Binary eluGradient(float alpha) {
        return (x, p, dy, q, dx, to, n) -> {
            float[] e = Scratch.EXPONENTS.floats(Blocks.SIZE);
            negativePowers(x, p, e, n);
            for (int i = 0; i < n; i += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
                g.mul(alpha)
                        .mul(FloatVector.fromArray(SPECIES, e, i))
                        .blend(g, v.compare(VectorOperators.GT, 0f))
                        .intoArray(dx, to + i);
            }
        };
    }

    private static void negativePowers(float[] x, int p, float[] e, int n) {
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).min(0f).intoArray(e, i);
        }
        ElementaryFunctions.exp(e, 0, e, 0, n);
    }

    /** y = x where x > 0, else slope x. */
    static Blocks.Unary leakyRelu(float slope) {
        return (x, p, y, to, n) -> {
            for (int i = 0; i < n; i += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
                v.mul(slope).blend(v, v.compare(VectorOperators.GT, 0f)).intoArray(y, to + i);
            }
        };
    }

    /** dx = dy where x > 0, else slope dy. */
    static Blocks.Binary leakyReluGradient(float slope) {
        return (x, p, dy, q, dx, to, n) -> {
            for (int i = 0; i < n; i += VL) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
                g.mul(slope).blend(g, v.compare(VectorOperators.GT, 0f)).intoArray(dx, to + i);
            }
        };
    }
}
