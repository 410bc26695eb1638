package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Differentiable.binary;
import static io.github.cortado.backend.formula.Differentiable.unary;
import static io.github.cortado.backend.formula.Differentiable.withParameter;
import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

import java.util.List;

/** Powers, waves and steps: functions of numbers that are no activations. */
public final class Functions {
    private static final Expression ZERO = constant(0);
    private static final Expression ONE = constant(1);

    /** y = sin x. */
    public static final Differentiable SIN = unary("sin", Expression::sin);

    /** y = cos x. */
    public static final Differentiable COS = unary("cos", Expression::cos);

    /** y = x^p; dx = dy p x^(p - 1), 0 where p is. */
    public static final Differentiable POW_NUMBER =
            withParameter("pow", Expression::pow)
                    .gradient(0, g -> baseGradient(g.x(0), g.p(0), g.dy()));

    /**
     * y = a^b; da = dy b a^(b - 1), 0 where b is; db = dy y ln a, 0 where a is and b is not below.
     */
    public static final Differentiable POW =
            binary("pow", Expression::pow)
                    .gradient(0, g -> baseGradient(g.x(0), g.x(1), g.dy()))
                    .gradient(1, g -> exponentGradient(g.x(0), g.x(1), g.y(), g.dy()));

    /** y = 1 / x^2; dx = -2 dy x^-3, as of a power that no product makes. */
    public static final Differentiable INVERSE_SQUARE =
            unary("pow", x -> constant(1).div(x.mul(x)))
                    .gradient(0, g -> g.x(0).pow(constant(-3)).mul(-2).mul(g.dy()));

    /** y = x^(-1/2); dx = -dy x^(-3/2) / 2, which is no negative number's at -0 either. */
    public static final Differentiable INVERSE_ROOT =
            unary("pow", x -> constant(1).div(x.sqrt()))
                    .gradient(0, g -> g.x(0).pow(constant(-1.5)).mul(-0.5).mul(g.dy()));

    /** y = x^(1/2), x a variance; dx = dy / (2 y), 0 where y is. */
    public static final Differentiable DEVIATION =
            unary("std", Expression::sqrt)
                    .gradient(
                            0,
                            g -> {
                                Expression dx = g.dy().div(g.y().add(g.y()));
                                // Not 0 where y is no number.
                                return where(g.y().abs(), dx, g.y().mul(0));
                            });

    /** y = x^3; dx = 3 dy x^2. */
    public static final Differentiable CUBE =
            unary("cube", x -> x.mul(x).mul(x))
                    .gradient(0, g -> g.x(0).mul(g.x(0)).mul(3).mul(g.dy()));

    /** y = the whole number next to x, the even one of two; dx = 0. */
    public static final Differentiable ROUND =
            unary("round", Expression::round).gradient(0, g -> nothing(g.dy()));

    /** y = the largest whole number that is not above x; dx = 0. */
    public static final Differentiable FLOOR =
            unary("floor", Functions::floor).gradient(0, g -> nothing(g.dy()));

    /** y = the smallest whole number that is not below x; dx = 0. */
    public static final Differentiable CEIL =
            unary("ceil", Functions::ceil).gradient(0, g -> nothing(g.dy()));

    /** y = x without what is behind the point; dx = 0. */
    public static final Differentiable TRUNC =
            unary("trunc", x -> where(x, floor(x), ceil(x))).gradient(0, g -> nothing(g.dy()));

    /** y = p where the mask is above 0, else x: inputs mask, x; no gradient by the first. */
    public static final Differentiable MASKED_FILL =
            Differentiable.of("maskedFill", 2, 1, a -> where(a.x(0), a.p(0), a.x(1)))
                    .gradient(0, g -> nothing(g.dy()));

    /** y = (a b) (c d), of the quarters of a line. */
    public static final Formula PRODUCT_OF_FOUR =
            Formula.of("prod", 4, 0, a -> List.of(a.x(0).mul(a.x(1)).mul(a.x(2).mul(a.x(3)))));

    private Functions() {}

    /** Of x^p by x. */
    static Expression baseGradient(Expression x, Expression p, Expression dy) {
        Expression dx = x.pow(p.sub(1)).mul(p).mul(dy);
        return where(unlessZero(p), dx, ZERO);
    }

    /** Of y = a^b by b. */
    static Expression exponentGradient(Expression a, Expression b, Expression y, Expression dy) {
        Expression db = y.mul(a.log()).mul(dy);
        Expression isBelow = where(b.neg(), ONE, where(Formulas.isNumber(b), ZERO, ONE));
        Expression holds = where(a.abs(), ONE, where(Formulas.isNumber(a), isBelow, ONE));
        return where(holds, db, ZERO);
    }

    /** 0 where x is, else 1. */
    private static Expression unlessZero(Expression x) {
        return where(x.abs(), ONE, where(Formulas.isNumber(x), ZERO, ONE));
    }

    private static Expression floor(Expression x) {
        Expression r = x.round();
        return where(r.greater(x), r.sub(1), r);
    }

    private static Expression ceil(Expression x) {
        Expression r = x.round();
        return where(x.greater(r), r.add(1), r);
    }

    /** 0, also of what is not finite: a formula reads something. */
    private static Expression nothing(Expression dy) {
        return where(dy.mul(0), dy, ZERO);
    }
}
