package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import java.util.List;

/** The result of a kernel that takes in nothing that waits, and that a formula may follow. */
abstract class PendingKernel extends Pending {
    PendingKernel(String op, Tensor like, Shape shape, List<Tensor> inputs) {
        super(op, like, shape, inputs);
    }

    @Override
    protected final boolean joins() {
        return false;
    }

    @Override
    protected final boolean mayBeFollowed() {
        return true;
    }
}
