package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Formulas, by the interpreter, but for those that a loop written by hand makes faster: these are
 * recognised by their code.
 */
public final class Pointwise {
    private static final Map<Formula, Way> BY_HAND =
            Map.of(
                    Formulas.DROPOUT.value(),
                    Dropout::over,
                    Updates.ADAM,
                    Adam::adam,
                    Updates.ADAMW,
                    Adam::adamW);

    @FunctionalInterface
    private interface Way {
        Parallel.Range over(Operands operands);
    }

    /** {@link Backend#pointwise}. */
    public void pointwise(Formula formula, Operands operands) {
        if (operands.length() > 0) {
            Tail.run(over(formula, operands), last(operands));
        }
    }

    /** {@link Backend#followed}. */
    public boolean followed(
            Floats between, Consumer<Buffer> first, Formula formula, Operands operands) {
        if (between.length() == 0) {
            first.accept(between);
            return false;
        }
        Tail tail = new Tail(over(formula, operands), last(operands));
        first.accept(between.followedBy(tail));
        return tail.finish();
    }

    /** The output that somebody may follow. */
    private static Floats last(Operands operands) {
        return floats(operands.outputs().get(operands.outputs().size() - 1));
    }

    private static Parallel.Range over(Formula formula, Operands operands) {
        Way byHand = BY_HAND.get(formula);
        return byHand != null && operands.walk().isElementwise()
                ? byHand.over(operands)
                : Interpreter.over(formula, operands);
    }
}
