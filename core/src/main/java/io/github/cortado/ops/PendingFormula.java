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
 * {@link Chain}; a ReLU is done by the product or convolution before it, a {@link Clamp} by the
 * normalisation.
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
        return isOpenHere() && streams.isEmpty() && reluOf() == null && clampOf() == null;
    }

    /** The product whose ReLU this is, where that is all that becomes of the product. */
    @Nullable PendingProduct reluOf() {
        return isRelu()
                        && Internals.pending(inputs().get(0)) instanceof PendingProduct p
                        && p.isForOneAlone()
                ? p
                : null;
    }

    /** The normalisation that this cuts off, where that is all that becomes of it. */
    private @Nullable PendingBatchNorm clampOf() {
        return clamp != null
                        && Internals.pending(inputs().get(0)) instanceof PendingBatchNorm p
                        && p.isForOneAlone()
                ? p
                : null;
    }

    @Override
    protected Buffer compute() {
        PendingBatchNorm norm = clampOf();
        if (norm != null && clamp != null) {
            return norm.clamped(clamp);
        }
        PendingProduct product = reluOf();
        if (product != null) {
            fused(product.op() + " + relu");
            return product.relu();
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

    /** Memory for values that a chain computes. */
    Buffer memory() {
        return empty();
    }

    /** Notes values that a chain has computed. */
    void take(Buffer values) {
        settled(values);
    }
}
