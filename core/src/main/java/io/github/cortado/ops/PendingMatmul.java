package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.util.List;

/** Products of matrices that have not been computed: a formula may follow them, or a softmax. */
final class PendingMatmul extends PendingKernel {
    private final Shape batch;

    /** Whether an optimizer's step may change what they are computed from. */
    private final boolean isOfParameter;

    PendingMatmul(Tensor a, Tensor b, Shape batch) {
        super("matmul", a, Matmul.shape(batch, a.dim(-2), b.dim(-1)), List.of(a, b));
        this.batch = batch;
        isOfParameter = isLeaf(a) || isLeaf(b);
    }

    private static boolean isLeaf(Tensor x) {
        return x.requiresGrad() && Internals.node(x) == null;
    }

    @Override
    public boolean mayBeOverwritten() {
        return !isOfParameter;
    }

    @Override
    protected void compute(Buffer y) {
        Matmul.run(inputs().get(0), inputs().get(1), false, false, batch, y);
    }
}
