package io.github.cortado.ops;

import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import org.jspecify.annotations.Nullable;

/**
 * A formula that cuts values off at two bounds. Its gradient reads its result alone: it is dy
 * between the bounds, else 0.
 */
enum Clamp {
    RELU(Formulas.RELU, 0, Double.POSITIVE_INFINITY),
    RELU6(Formulas.RELU6, 0, 6);

    private final Differentiable formula;
    private final double low;
    private final double high;

    Clamp(Differentiable formula, double low, double high) {
        this.formula = formula;
        this.low = low;
        this.high = high;
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

    /** A normalisation whose results it cuts off. */
    NormSpec of(NormSpec s) {
        return s.within(low, high);
    }
}
