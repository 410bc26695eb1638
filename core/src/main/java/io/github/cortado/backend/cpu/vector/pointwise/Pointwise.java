package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import java.util.Map;

/**
 * Formulas, by the interpreter, but for those that a loop written by hand makes faster: these are
 * recognised by their code.
 */
public final class Pointwise {
    private static final Map<Formula, Way> BY_HAND =
            Map.of(
                    Formulas.DROPOUT.value(),
                    Dropout::run,
                    Updates.ADAM,
                    Adam::adam,
                    Updates.ADAMW,
                    Adam::adamW);

    @FunctionalInterface
    private interface Way {
        void run(Operands operands);
    }

    /** {@link Backend#pointwise}. */
    public void pointwise(Formula formula, Operands operands) {
        if (operands.length() == 0) {
            return;
        }
        Way byHand = BY_HAND.get(formula);
        if (byHand != null && operands.walk().isElementwise()) {
            byHand.run(operands);
        } else {
            Interpreter.run(formula, operands);
        }
    }
}
