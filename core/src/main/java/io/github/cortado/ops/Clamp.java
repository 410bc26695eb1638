package io.github.cortado.ops;

import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import org.jspecify.annotations.Nullable;

/**
 * A formula that cuts values off at 0 and at a limit, which what comes before does along. Its
 * gradient reads its result alone: it is dy between the two, else 0.
 */
enum Clamp {
    RELU(Formulas.RELU, Double.POSITIVE_INFINITY),
    RELU6(Formulas.RELU6, 6);

    private final Differentiable formula;
    private final double limit;

    Clamp(Differentiable formula, double limit) {
        this.formula = formula;
        this.limit = limit;
    }

    /** The one that a formula is; null if it is none. */
    static @Nullable Clamp of(Formula f) {
        for (Clamp c : values()) {
            if (c.formula.value().equals(f)) {
                return c;
            }
        }
        return null;
    }

    /** Name of the operation. */
    String op() {
        return formula.name();
    }

    /** Whether that is its gradient, of its result and dy. */
    boolean hasGradient(Formula f) {
        return formula.gradient(0).formula().equals(f);
    }

    /** What it cuts off at. */
    double limit() {
        return limit;
    }

    /** A normalisation whose results it cuts off. */
    NormSpec of(NormSpec s) {
        return s.rectified(limit);
    }
}
