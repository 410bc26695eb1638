package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import java.util.List;

/**
 * The sums of a formula's values along neighbours, which have not been computed: where they are all
 * that becomes of these, they are added up as they are computed, and not stored.
 */
final class PendingSum extends Pending {
    private final Axis axis;

    private PendingSum(Tensor x, Axis axis, Shape shape) {
        super("sum", x, shape, List.of(x));
        this.axis = axis;
    }

    /** Whether sums of x along an axis may wait. */
    static boolean mayWait(Tensor x, Axis axis) {
        return axis.inner() == 1
                && Internals.pending(x) instanceof PendingFormula f
                && f.mayBeInChain();
    }

    /** The sums, of that shape. */
    static Tensor of(Tensor x, Axis axis, Shape shape) {
        return new PendingSum(x, axis, shape).result();
    }

    @Override
    protected void compute(Buffer y) {
        Tensor x = inputs().get(0);
        if (Internals.pending(x) instanceof PendingFormula f
                && f.mayBeInChain()
                && f.isForOneAlone()) {
            Chain.endingIn(f).sum(y, axis);
        } else {
            device().backend().sum(x.buffer(), y, axis);
        }
    }
}
