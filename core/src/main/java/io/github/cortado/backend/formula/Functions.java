package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Differentiable.binary;
import static io.github.cortado.backend.formula.Differentiable.unary;
import static io.github.cortado.backend.formula.Differentiable.withParameter;
import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

/** Powers, waves and steps: functions of numbers that are no activations. */
public final class Functions {
    private static final Expression ZERO = constant(0);

    /** y = sin x. */
    public static final Differentiable SIN = unary("sin", Expression::sin);

    /** y = cos x. */
    public static final Differentiable COS = unary("cos", Expression::cos);

    /** y = x^p; dx = dy p x^(p - 1), 0 where p is. */
    public static final Differentiable POW_NUMBER =
            withParameter("pow", Expression::pow)
                    .gradient(0, g -> powerGradient(g.x(0), g.p(0), g.dy()));

    /**
     * y = a^b; da = dy b a^(b - 1), 0 where b is; db = dy y ln a, 0 where a is and b is not below.
     */
    public static final Differentiable POW =
            binary("pow", Expression::pow)
                    .gradient(0, g -> powerGradient(g.x(0), g.x(1), g.dy()))
                    .gradient(
                            1,
                            g -> {
                                Expression a = g.x(0);
                                Expression db = g.y().mul(a.log()).mul(g.dy());
                                Expression b = g.x(1);
                                Expression notBelow = where(Formulas.isNumber(b), ZERO, db);
                                Expression atZero = where(b.neg(), db, notBelow);
                                return where(a.abs(), db, where(Formulas.isNumber(a), atZero, db));
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

    private Functions() {}

    private static Expression powerGradient(Expression x, Expression p, Expression dy) {
        Expression dx = x.pow(p.sub(1)).mul(p).mul(dy);
        return where(p.abs(), dx, where(Formulas.isNumber(p), ZERO, dx));
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
