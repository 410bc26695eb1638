package io.github.cortado.backend.formula;

import org.apache.commons.math3.special.Erf;

/**
 * Primitives of doubles. StrictMath has the same bits in the interpreter and in compiled code, and
 * on every machine.
 */
public final class Evaluation {
    private Evaluation() {}

    /** a^b as C and IEEE 754 have it: 1 to any power, and -1 to an infinite one, are 1. */
    public static double power(double a, double b) {
        return a == 1 || a == -1 && Double.isInfinite(b) ? 1 : StrictMath.pow(a, b);
    }

    /** What {@code primitive} makes of its operands; those that it has none of may be anything. */
    public static double of(Primitive primitive, double a, double b, double c) {
        return switch (primitive) {
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> Math.sqrt(a);
            case EXP -> StrictMath.exp(a);
            case EXPM1 -> StrictMath.expm1(a);
            case LOG -> StrictMath.log(a);
            case LOG1P -> StrictMath.log1p(a);
            case ROUND -> StrictMath.rint(a);
            case SIN -> StrictMath.sin(a);
            case COS -> StrictMath.cos(a);
            case TANH -> StrictMath.tanh(a);
            case SIGMOID -> 1 / (1 + StrictMath.exp(-a));
            case NORMAL_CDF -> Double.isNaN(a) ? a : 0.5 * Erf.erfc(-a / StrictMath.sqrt(2));
            case NORMAL_PDF -> StrictMath.exp(-0.5 * a * a) / StrictMath.sqrt(2 * StrictMath.PI);
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case POW -> power(a, b);
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case GREATER -> a > b ? 1 : 0;
            case FMA -> a * b + c;
            case SELECT -> a > 0 ? b : c;
            case INPUT, PARAMETER, CONSTANT, UNIFORM ->
                    throw new IllegalArgumentException(primitive + " is no operation");
        };
    }
}
