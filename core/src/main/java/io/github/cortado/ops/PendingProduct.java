package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A convolution or an affine map that has not been computed: what follows may join it. */
abstract class PendingProduct extends PendingKernel implements Clampable {
    /** Whether no gradient goes through it: its weights are not in training. */
    private final boolean isInference;

    PendingProduct(String op, Tensor x, Shape shape, List<Tensor> inputs) {
        super(op, x, shape, inputs);
        isInference = !Node.records(inputs.toArray(Tensor[]::new));
    }

    @Override
    public final void clamped(Clamp c, Buffer y) {
        fused(op() + " + " + c.op());
        cutOff(c, y);
    }

    /** What {@code c} leaves of it, in one pass. */
    abstract void cutOff(Clamp c, Buffer y);

    @Override
    public final boolean mayBeOverwritten() {
        return isInference;
    }

    final Buffer x() {
        return inputs().get(0).buffer();
    }

    /** Of which what a backend makes is kept where nobody trains it. */
    final Tensor weight() {
        Tensor w = inputs().get(1);
        w.buffer().keepsDerived(isInference);
        return w;
    }

    final @Nullable Buffer bias() {
        return inputs().size() == 3 ? inputs().get(2).buffer() : null;
    }
}
