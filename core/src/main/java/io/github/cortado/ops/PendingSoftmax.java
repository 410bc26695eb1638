package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import java.util.List;

/**
 * A softmax, or its logarithm, that has not been computed. It follows a formula or a product that
 * is for it alone line by line, and these are not stored.
 */
final class PendingSoftmax extends Pending {
    private final Axis axis;
    private final boolean log;

    PendingSoftmax(Tensor x, Axis axis, boolean log) {
        super(log ? "logSoftmax" : "softmax", x, x.shape(), List.of(x));
        this.axis = axis;
        this.log = log;
    }

    @Override
    protected void compute(Buffer y) {
        Tensor x = inputs().get(0);
        Backend backend = device().backend();
        Pending before = Internals.pending(x);
        if (before != null && follows(before)) {
            if (backend.softmaxOf(before::into, y, axis, log)) {
                fused(before.op() + " + " + op());
            }
        } else {
            backend.softmax(x.buffer(), y, axis, log);
        }
    }

    private boolean follows(Pending before) {
        boolean isFormula = before instanceof PendingFormula f && f.cutsOff() == null;
        return axis.inner() == 1
                && shape().size() > 0
                && before.isForOneAlone()
                && (isFormula || before.isFollowed(1) && before.mayBeOverwritten());
    }
}
