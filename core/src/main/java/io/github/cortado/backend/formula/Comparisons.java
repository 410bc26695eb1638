package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * What is true or false of numbers, as 1 and 0; whatever is compared with what is not a number is
 * false, but that they differ.
 */
public final class Comparisons {
    private static final Expression YES = constant(1);
    private static final Expression NO = constant(0);

    /** {@code a > b}. */
    public static final Formula GREATER = of("gt", Expression::greater);

    /** {@code a < b}. */
    public static final Formula LESS = of("lt", (a, b) -> b.greater(a));

    /** {@code a >= b}. */
    public static final Formula GREATER_EQUAL = of("ge", Comparisons::atLeast);

    /** {@code a <= b}. */
    public static final Formula LESS_EQUAL = of("le", (a, b) -> atLeast(b, a));

    /** {@code a = b}. */
    public static final Formula EQUAL = of("eq", Comparisons::equal);

    /** Not a = b. */
    public static final Formula NOT_EQUAL = of("ne", (a, b) -> equal(a, b).subFrom(1));

    /** x is not a number. */
    public static final Formula IS_NAN = of("isNan", x -> where(Formulas.isNumber(x), NO, YES));

    /** x is infinite. */
    public static final Formula IS_INFINITE = of("isInf", x -> x.abs().greater(Float.MAX_VALUE));

    /** x is a number and not infinite. */
    public static final Formula IS_FINITE =
            of("isFinite", x -> where(x.sub(x).abs().add(1), YES, NO));

    private Comparisons() {}

    private static Formula of(String name, BinaryOperator<Expression> f) {
        return Formula.of(name, 2, 0, a -> List.of(f.apply(a.x(0), a.x(1))));
    }

    private static Formula of(String name, UnaryOperator<Expression> f) {
        return Formula.of(name, 1, 0, a -> List.of(f.apply(a.x(0))));
    }

    private static Expression equal(Expression a, Expression b) {
        return where(a.greater(b), NO, where(b.greater(a), NO, areNumbers(a, b)));
    }

    private static Expression atLeast(Expression a, Expression b) {
        return where(a.greater(b), YES, where(b.greater(a), NO, areNumbers(a, b)));
    }

    /** Of two of which none is above the other. */
    private static Expression areNumbers(Expression a, Expression b) {
        return where(Formulas.isNumber(a.add(b)), YES, NO);
    }
}
