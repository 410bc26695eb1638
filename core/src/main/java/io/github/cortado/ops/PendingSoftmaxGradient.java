package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import java.util.List;

/** The gradient of a softmax's input that has not been computed: a formula may follow it. */
final class PendingSoftmaxGradient extends PendingKernel {
    private final Axis axis;
    private final boolean log;

    /** Of the softmax y, or its logarithm. */
    PendingSoftmaxGradient(Tensor y, Tensor dy, Axis axis, boolean log) {
        super(log ? "logSoftmaxGrad" : "softmaxGrad", dy, dy.shape(), List.of(y, dy));
        this.axis = axis;
        this.log = log;
    }

    @Override
    public boolean mayBeOverwritten() {
        return true;
    }

    @Override
    protected void compute(Buffer dx) {
        Buffer y = inputs().get(0).buffer();
        Buffer dy = inputs().get(1).buffer();
        device().backend().softmaxGrad(y, dy, dx, axis, log);
    }
}
