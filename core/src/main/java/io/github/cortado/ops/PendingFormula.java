package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
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
    protected Buffer compute() {
        Clampable before = cutsOff();
        if (before != null && clamp != null) {
            return before.clamped(clamp);
        }
        if (streams.isEmpty() && readsWhatIsOpen()) {
            return Chain.endingIn(this).run();
        }
        Buffer y = empty();
        device().backend()
                .pointwise(
                        formula,
                        new Operands(
                                buffers(inputs()),
                                List.of(y),
                                parameters,
                                streams,
                                walk(shape(), inputs())));
        return y;
    }

    /** How elements of these are met that stretch to a shape. */
    static Broadcast walk(Shape shape, List<Tensor> inputs) {
        List<Shape> shapes = new ArrayList<>(inputs.size());
        for (Tensor x : inputs) {
            shapes.add(x.shape());
        }
        return Broadcast.of(shape, shapes);
    }

    /** Their values, computed now where they wait. */
    static List<Buffer> buffers(List<Tensor> inputs) {
        List<Buffer> buffers = new ArrayList<>(inputs.size());
        for (Tensor x : inputs) {
            buffers.add(x.buffer());
        }
        return buffers;
    }

    private boolean readsWhatIsOpen() {
        for (Tensor x : inputs()) {
            if (Internals.pending(x) != null) {
                return true;
            }
        }
        return false;
    }

    /** Notes that a chain is computed in one. */
    void noteFused(String what) {
        fused(what);
    }

    /** Notes that what follows does this along. */
    void leaveOut() {
        use();
    }

    /** Notes values that a chain has computed. */
    void take(Buffer values) {
        settled(values);
    }
}
