package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A formula that has not been run. It runs as one with those before it that are pending too, see
 * {@link Chain}; a {@link Clamp} is done by the product, convolution or normalisation before it.
 */
final class PendingFormula extends Pending {
    private final Formula formula;
    private final List<StepValue> parameters;
    private final List<RandomStream> streams;

    /** The clamp that this is; null if it is none. */
    private final @Nullable Clamp clamp;

    PendingFormula(
            Formula formula,
            List<Tensor> inputs,
            Shape shape,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        super(formula.name(), inputs.get(0), shape, inputs);
        this.formula = formula;
        this.parameters = parameters;
        this.streams = streams;
        clamp = Clamp.of(formula);
    }

    Formula formula() {
        return formula;
    }

    List<StepValue> parameters() {
        return parameters;
    }

    /** Whether this is max(x, 0). */
    boolean isRelu() {
        return clamp == Clamp.RELU;
    }

    /** Whether a chain may take it in: random numbers are drawn by a loop of their own. */
    boolean mayBeInChain() {
        return isOpenHere() && streams.isEmpty() && cutsOff() == null;
    }

    /** The result that this cuts off, where that is all that becomes of it. */
    @Nullable Clampable cutsOff() {
        return clamp != null
                        && Internals.pending(inputs().get(0)) instanceof Clampable p
                        && p.isForOneAlone()
                        && p.takes(clamp)
                ? p
                : null;
    }

    @Override
    protected boolean mayBeFollowed() {
        return cutsOff() != null;
    }

    @Override
    public boolean mayBeOverwritten() {
        Clampable before = cutsOff();
        return before != null && before.mayBeOverwritten();
    }

    @Override
    protected void compute(Buffer y) {
        Clampable before = cutsOff();
        if (before != null && clamp != null) {
            before.clamped(clamp, y);
        } else if (streams.isEmpty() && readsWhatIsOpen()) {
            Chain.endingIn(this).run(y);
        } else {
            new Following(formula, inputs(), inputs(), shape())
                    .run(List.of(y), parameters, streams);
        }
    }

    private boolean readsWhatIsOpen() {
        for (Tensor x : inputs()) {
            if (Internals.pending(x) != null) {
                return true;
            }
        }
        return false;
    }

    /** Notes that what follows does this along. */
    void leaveOut() {
        use();
    }
}
