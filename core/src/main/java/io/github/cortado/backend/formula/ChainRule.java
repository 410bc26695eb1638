package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Derivatives of a formula with one output: from the output back to the inputs, adding up what
 * comes to a term from its uses. The output itself stands for what it was computed by. Where a
 * primitive has a corner the gradient goes nowhere at it, but at a tie of two operands half to
 * each.
 */
final class ChainRule {
    private static final Expression ZERO = constant(0);

    private final Formula formula;
    private final List<Expression> values;
    private final List<@Nullable Expression> gradients;

    /** Under which what is sent now is not 0, the innermost first. */
    private final Deque<Condition> conditions = new ArrayDeque<>();

    /** That it is above 0, or with {@code isFirst} false, that it is not. */
    private record Condition(Expression condition, boolean isFirst) {}

    private ChainRule(Formula formula) {
        this.formula = formula;
        values = formula.expressions(Expression::input);
        gradients = new ArrayList<>(Collections.nCopies(values.size(), null));
    }

    /** The gradient by input {@code i}, given the output y and its gradient dy. */
    static Expression gradient(Formula formula, int i, Expression y, Expression dy) {
        return new ChainRule(formula).by(i, y, dy);
    }

    private Expression by(int input, Expression y, Expression dy) {
        int output = formula.outputs().get(0);
        if (formula.code().get(output).primitive().arity() > 0) {
            values.set(output, y);
        }
        gradients.set(output, dy);
        Expression found = ZERO;
        for (int i = output; i >= 0; i--) {
            Term t = formula.code().get(i);
            Expression g = gradients.get(i);
            if (g != null && t.primitive() == Primitive.INPUT && t.a() == input) {
                found = g;
            } else if (g != null) {
                send(t, values.get(i), g);
            }
        }
        return found;
    }

    /** Sends the gradient g of t, whose value is v, to its operands. */
    private void send(Term t, Expression v, Expression g) {
        // What is sent is linear in g, so that where g is 0, as in a branch that was not taken, it
        // is 0 too: not 0 times a slope that may be infinite there.
        if (isHalf(g)) {
            Expression condition = g.operands().get(0);
            boolean first = g.operands().get(2).isConstant(0);
            conditions.addFirst(new Condition(condition, first));
            send(t, v, g.operands().get(first ? 1 : 2));
            conditions.removeFirst();
            return;
        }
        int arity = t.primitive().arity();
        Expression a = arity > 0 ? values.get(t.a()) : ZERO;
        Expression b = arity > 1 ? values.get(t.b()) : ZERO;
        switch (t.primitive()) {
            case INPUT, PARAMETER, CONSTANT, UNIFORM, GREATER, ROUND -> {}
            case NEG -> add(t.a(), g.neg());
            case ABS -> add(t.a(), where(a, g, where(a.neg(), g.neg(), ZERO)));
            case SQRT -> add(t.a(), g.div(v.add(v)));
            case EXP -> add(t.a(), g.mul(v));
            case EXPM1 -> add(t.a(), g.mul(a.exp()));
            case LOG -> add(t.a(), g.div(a));
            case LOG1P -> add(t.a(), g.div(a.add(1)));
            case SIN -> add(t.a(), g.mul(a.cos()));
            case COS -> add(t.a(), g.mul(a.sin()).neg());
            case TANH -> add(t.a(), g.mul(v.mul(v).subFrom(1)));
            case SIGMOID -> add(t.a(), g.mul(v).mul(v.subFrom(1)));
            case NORMAL_CDF -> add(t.a(), g.mul(a.normalPdf()));
            case NORMAL_PDF -> add(t.a(), g.mul(a.mul(v)).neg());
            case ADD -> {
                add(t.a(), g);
                add(t.b(), g);
            }
            case SUB -> {
                add(t.a(), g);
                add(t.b(), g.neg());
            }
            case MUL -> {
                add(t.a(), g.mul(b));
                add(t.b(), g.mul(a));
            }
            case DIV -> {
                add(t.a(), g.div(b));
                add(t.b(), g.mul(v.div(b)).neg());
            }
            case POW -> {
                add(t.a(), Functions.baseGradient(a, b, g));
                add(t.b(), Functions.exponentGradient(a, b, v, g));
            }
            case MAX -> extreme(t, a.greater(b), b.greater(a), g);
            case MIN -> extreme(t, b.greater(a), a.greater(b), g);
            case FMA -> {
                add(t.a(), g.mul(b));
                add(t.b(), g.mul(a));
                add(t.c(), g);
            }
            case SELECT -> {
                add(t.b(), where(a, g, ZERO));
                add(t.c(), where(a, ZERO, g));
            }
        }
    }

    /** Of two operands the one that won has the gradient, of equal ones each one half. */
    private void extreme(Term t, Expression isA, Expression isB, Expression g) {
        Expression half = g.mul(0.5);
        add(t.a(), where(isB, ZERO, where(isA, g, half)));
        add(t.b(), where(isA, ZERO, where(isB, g, half)));
    }

    private void add(int term, Expression g) {
        Expression sent = g;
        for (Condition c : conditions) {
            sent = c.isFirst ? where(c.condition, sent, ZERO) : where(c.condition, ZERO, sent);
        }
        Expression present = gradients.get(term);
        gradients.set(term, present == null ? sent : sum(present, sent));
    }

    /** a + b, of two that are 0 under the same condition one that is. */
    private static Expression sum(Expression a, Expression b) {
        if (isHalf(a) && isHalf(b) && a.operands().get(0) == b.operands().get(0)) {
            Expression condition = a.operands().get(0);
            if (a.operands().get(2).isConstant(0) && b.operands().get(2).isConstant(0)) {
                return where(condition, sum(a.operands().get(1), b.operands().get(1)), ZERO);
            }
            if (a.operands().get(1).isConstant(0) && b.operands().get(1).isConstant(0)) {
                return where(condition, ZERO, sum(a.operands().get(2), b.operands().get(2)));
            }
        }
        return a.add(b);
    }

    /** Whether it is 0 under a condition, or else under it. */
    private static boolean isHalf(Expression g) {
        return g.primitive() == Primitive.SELECT
                && g.operands().get(1).isConstant(0) != g.operands().get(2).isConstant(0);
    }
}
