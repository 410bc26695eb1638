package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.formula.Program.Step;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The steps of formulas over n elements of a block, in whole vectors: a loop each, small enough for
 * C2 whatever is compiled beside it. A result may lie where an operand does.
 */
final class Loops {
    private Loops() {}

    /** One step, but {@link io.github.cortado.backend.formula.Primitive#UNIFORM}. */
    static void run(Step s, Block k, int n) {
        switch (s.primitive()) {
            case NEG -> neg(k, s, n);
            case ABS -> abs(k, s, n);
            case SQRT -> sqrt(k, s, n);
            case ADD -> add(k, s, n);
            case SUB -> sub(k, s, n);
            case MUL -> mul(k, s, n);
            case DIV -> div(k, s, n);
            case MIN -> min(k, s, n);
            case MAX -> max(k, s, n);
            case GREATER -> greater(k, s, n);
            case FMA -> fma(k, s, n);
            case SELECT -> select(k, s, n);
            case POW -> {
                float[] y = k.array(s.to());
                Powers.pow(
                        k.array(s.a()),
                        k.offset(s.a()),
                        k.array(s.b()),
                        k.offset(s.b()),
                        y,
                        k.offset(s.to()),
                        n);
            }
            default -> function(s, k, n);
        }
    }

    private static void function(Step s, Block k, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        switch (s.primitive()) {
            case EXP -> ElementaryFunctions.exp(a, p, y, to, n);
            case LOG -> ElementaryFunctions.log(a, p, y, to, n);
            case TANH -> ElementaryFunctions.tanh(a, p, y, to, n);
            case EXPM1 -> CloseToZero.expm1(a, p, y, to, n);
            case LOG1P -> CloseToZero.log1p(a, p, y, to, n);
            case SIGMOID -> ElementaryFunctions.sigmoid(a, p, y, to, n);
            case ROUND -> Powers.round(a, p, y, to, n);
            case SIN -> Trigonometry.sin(a, p, y, to, n);
            case COS -> Trigonometry.cos(a, p, y, to, n);
            case NORMAL_CDF -> NormalDistribution.cdf(a, p, y, to, n);
            case NORMAL_PDF -> NormalDistribution.pdf(a, p, y, to, n);
            default -> throw new IllegalArgumentException(s.primitive() + " is no function");
        }
    }

    static void neg(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, a, p + i).neg().intoArray(y, to + i);
        }
    }

    static void abs(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, a, p + i).abs().intoArray(y, to + i);
        }
    }

    static void sqrt(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector.fromArray(SPECIES, a, p + i).sqrt().intoArray(y, to + i);
        }
    }

    static void add(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.add(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void sub(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.sub(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void mul(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.mul(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void div(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.div(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void min(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.min(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void max(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            left.max(FloatVector.fromArray(SPECIES, b, q + i)).intoArray(y, to + i);
        }
    }

    static void greater(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < n; i += VL) {
            FloatVector right = FloatVector.fromArray(SPECIES, b, q + i);
            FloatVector left = FloatVector.fromArray(SPECIES, a, p + i);
            zero.blend(one, left.compare(VectorOperators.GT, right)).intoArray(y, to + i);
        }
    }

    static void fma(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] c = k.array(s.c());
        int r = k.offset(s.c());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        for (int i = 0; i < n; i += VL) {
            FloatVector factor = FloatVector.fromArray(SPECIES, b, q + i);
            FloatVector term = FloatVector.fromArray(SPECIES, c, r + i);
            FloatVector.fromArray(SPECIES, a, p + i).fma(factor, term).intoArray(y, to + i);
        }
    }

    static void select(Block k, Step s, int n) {
        float[] a = k.array(s.a());
        int p = k.offset(s.a());
        float[] b = k.array(s.b());
        int q = k.offset(s.b());
        float[] c = k.array(s.c());
        int r = k.offset(s.c());
        float[] y = k.array(s.to());
        int to = k.offset(s.to());
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < n; i += VL) {
            FloatVector yes = FloatVector.fromArray(SPECIES, b, q + i);
            FloatVector no = FloatVector.fromArray(SPECIES, c, r + i);
            FloatVector condition = FloatVector.fromArray(SPECIES, a, p + i);
            no.blend(yes, condition.compare(VectorOperators.GT, zero)).intoArray(y, to + i);
        }
    }
}
