package io.github.cortado.backend.formula;

/**
 * What formulas are made of. Backends compute each as its line here says: the oracle in double, the
 * others in float32, rounded after each primitive.
 */
public enum Primitive {
    /** An element of one of the formula's inputs. */
    INPUT(0),
    /** A number that the caller gives, the same for all elements. */
    PARAMETER(0),
    /** A number that belongs to the formula. */
    CONSTANT(0),
    /** A uniform number from 0 to below 1: element e of one of the caller's random streams. */
    UNIFORM(0),
    /** -a. */
    NEG(1),
    /** |a|. */
    ABS(1),
    /** a^(1/2). */
    SQRT(1),
    /** e^a. */
    EXP(1),
    /** e^a - 1, with its digits where a is small. */
    EXPM1(1),
    /** ln a. */
    LOG(1),
    /** ln(1 + a), with its digits where a is small. */
    LOG1P(1),
    /** The whole number next to a, the even one of two. */
    ROUND(1),
    /** Sine of a in radians. */
    SIN(1),
    /** Cosine of a in radians. */
    COS(1),
    /** Hyperbolic tangent. */
    TANH(1),
    /** 1 / (1 + e^-a), with its digits where a is far below 0. */
    SIGMOID(1),
    /** The normal distribution, (1 + erf(a / sqrt(2))) / 2, with its digits where a is below 0. */
    NORMAL_CDF(1),
    /** The normal density, e^(-a^2 / 2) / sqrt(2 pi). */
    NORMAL_PDF(1),
    /** a + b. */
    ADD(2),
    /** a - b. */
    SUB(2),
    /** a b. */
    MUL(2),
    /** a / b. */
    DIV(2),
    /** a^b: 1 where b is 0 or a is 1, see {@link Evaluation#power}. */
    POW(2),
    /** The smaller one; NaN if one is NaN; -0 is below 0. */
    MIN(2),
    /** The larger one; NaN if one is NaN; 0 is above -0. */
    MAX(2),
    /** 1 where a > b, else 0. */
    GREATER(2),
    /** a b + c, rounded once. */
    FMA(3),
    /** b where a > 0, else c. */
    SELECT(3);

    private final int arity;

    Primitive(int arity) {
        this.arity = arity;
    }

    /** How many operands it has. */
    public int arity() {
        return arity;
    }
}
