package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import io.github.cortado.backend.formula.Updates;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Formulas, by the interpreter, but for those that a loop written by hand makes faster: these are
 * recognised by their code.
 */
public final class Pointwise {
    private static final Map<Formula, Way> BY_HAND =
            Map.of(
                    Formulas.DROPOUT.value(),
                    elementwise(Dropout::over),
                    Updates.ADAM,
                    elementwise(Adam::adam),
                    Updates.ADAMW,
                    elementwise(Adam::adamW),
                    Functions.PRODUCT_OF_FOUR,
                    ProductOfFour::over);

    @FunctionalInterface
    private interface Way {
        /** The loop, or null where operands lie as it does not take them. */
        Parallel.@Nullable Range over(Operands operands);
    }

    private static Way elementwise(Way way) {
        return o -> o.walk().isElementwise() ? way.over(o) : null;
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

    /** {@link Backend#truths}, where operands lie so that they can be cut; whether they do. */
    public boolean truths(Formula formula, List<Buffer> inputs, Broadcast walk, Buffer mask) {
        return Masks.run(formula, inputs, walk, mask);
    }

    /** {@link Backend#sumOf}, of what lies together; whether it does. */
    public boolean sumOf(Formula formula, Operands operands, Buffer y, Axis axis) {
        if (axis.inner() != 1 || axis.size() == 0) {
            return false;
        }
        new FormulaSums(Interpreter.of(formula, operands, axis.size()), axis).run(floats(y));
        return true;
    }

    static Parallel.Range over(Formula formula, Operands operands) {
        Way byHand = BY_HAND.get(formula);
        Parallel.Range loop = byHand == null ? null : byHand.over(operands);
        return loop == null ? Interpreter.over(formula, operands) : loop;
    }
}
