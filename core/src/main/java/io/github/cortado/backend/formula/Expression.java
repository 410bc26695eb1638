package io.github.cortado.backend.formula;

import java.util.List;

/**
 * A pointwise expression, as formulas are written: {@code x.mul(x.sigmoid())}. An expression that
 * is used twice is computed once.
 */
public final class Expression {
    private final Primitive primitive;
    private final List<Expression> operands;
    private final int index;
    private final double number;

    private Expression(Primitive primitive, List<Expression> operands, int index, double number) {
        assert operands.size() == primitive.arity() : primitive;
        this.primitive = primitive;
        this.operands = operands;
        this.index = index;
        this.number = number;
    }

    static Expression input(int index) {
        return new Expression(Primitive.INPUT, List.of(), index, 0);
    }

    static Expression parameter(int index) {
        return new Expression(Primitive.PARAMETER, List.of(), index, 0);
    }

    static Expression of(Primitive primitive, Expression... operands) {
        return new Expression(primitive, List.of(operands), 0, 0);
    }

    /** A number. */
    public static Expression constant(double number) {
        return new Expression(Primitive.CONSTANT, List.of(), 0, number);
    }

    /** Uniform numbers from 0 to below 1, of the caller's random stream with this index. */
    public static Expression uniform(int stream) {
        return new Expression(Primitive.UNIFORM, List.of(), stream, 0);
    }

    /** a where {@code condition} is above 0, else b. */
    public static Expression where(Expression condition, Expression a, Expression b) {
        return of(Primitive.SELECT, condition, a, b);
    }

    Primitive primitive() {
        return primitive;
    }

    List<Expression> operands() {
        return operands;
    }

    int index() {
        return index;
    }

    double number() {
        return number;
    }

    boolean isConstant(double value) {
        return primitive == Primitive.CONSTANT && Double.compare(number, value) == 0;
    }

    /** This + b. */
    public Expression add(Expression b) {
        return of(Primitive.ADD, this, b);
    }

    /** This + b. */
    public Expression add(double b) {
        return add(constant(b));
    }

    /** This - b. */
    public Expression sub(Expression b) {
        return of(Primitive.SUB, this, b);
    }

    /** This - b. */
    public Expression sub(double b) {
        return sub(constant(b));
    }

    /** b - this. */
    public Expression subFrom(double b) {
        return constant(b).sub(this);
    }

    /** This times b; a factor of 1 is no operation. */
    public Expression mul(Expression b) {
        if (b.isConstant(1)) {
            return this;
        }
        return isConstant(1) ? b : of(Primitive.MUL, this, b);
    }

    /** This times b. */
    public Expression mul(double b) {
        return mul(constant(b));
    }

    /** This / b. */
    public Expression div(Expression b) {
        return b.isConstant(1) ? this : of(Primitive.DIV, this, b);
    }

    /** This / b. */
    public Expression div(double b) {
        return div(constant(b));
    }

    /** This times b, plus c, rounded once. */
    public Expression fma(Expression b, Expression c) {
        return of(Primitive.FMA, this, b, c);
    }

    /** The smaller of this and b. */
    public Expression min(Expression b) {
        return of(Primitive.MIN, this, b);
    }

    /** The smaller of this and b. */
    public Expression min(double b) {
        return min(constant(b));
    }

    /** The larger of this and b. */
    public Expression max(Expression b) {
        return of(Primitive.MAX, this, b);
    }

    /** The larger of this and b. */
    public Expression max(double b) {
        return max(constant(b));
    }

    /** 1 where this is above b, else 0. */
    public Expression greater(Expression b) {
        return of(Primitive.GREATER, this, b);
    }

    /** 1 where this is above b, else 0. */
    public Expression greater(double b) {
        return greater(constant(b));
    }

    /** The negative; of a negative what it was made of. */
    public Expression neg() {
        return primitive == Primitive.NEG ? operands.get(0) : of(Primitive.NEG, this);
    }

    /** The absolute value. */
    public Expression abs() {
        return of(Primitive.ABS, this);
    }

    /** The square root. */
    public Expression sqrt() {
        return of(Primitive.SQRT, this);
    }

    /** e to the power of this. */
    public Expression exp() {
        return of(Primitive.EXP, this);
    }

    /** e to the power of this, minus 1. */
    public Expression expm1() {
        return of(Primitive.EXPM1, this);
    }

    /** The natural logarithm. */
    public Expression log() {
        return of(Primitive.LOG, this);
    }

    /** The natural logarithm of 1 + this. */
    public Expression log1p() {
        return of(Primitive.LOG1P, this);
    }

    /** The whole number next to this, the even one of two. */
    public Expression round() {
        return of(Primitive.ROUND, this);
    }

    /** The sine. */
    public Expression sin() {
        return of(Primitive.SIN, this);
    }

    /** The cosine. */
    public Expression cos() {
        return of(Primitive.COS, this);
    }

    /** This to the power of b. */
    public Expression pow(Expression b) {
        return of(Primitive.POW, this, b);
    }

    /** The hyperbolic tangent. */
    public Expression tanh() {
        return of(Primitive.TANH, this);
    }

    /** The logistic function. */
    public Expression sigmoid() {
        return of(Primitive.SIGMOID, this);
    }

    /** The normal distribution. */
    public Expression normalCdf() {
        return of(Primitive.NORMAL_CDF, this);
    }

    /** The normal density. */
    public Expression normalPdf() {
        return of(Primitive.NORMAL_PDF, this);
    }
}
