package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LinearSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An affine map that has not been computed. */
final class PendingLinear extends PendingProduct {
    PendingLinear(Tensor x, Tensor w, @Nullable Tensor b) {
        super(
                "linear",
                x,
                x.shape().with(x.shape().rank() - 1, w.dim(0)),
                b == null ? List.of(x, w) : List.of(x, w, b));
    }

    @Override
    protected void compute(Buffer y) {
        compute(y, spec());
    }

    @Override
    public boolean takes(Clamp c) {
        return c == Clamp.RELU;
    }

    @Override
    void cutOff(Clamp c, Buffer y) {
        compute(y, spec().withRelu());
    }

    private void compute(Buffer y, LinearSpec pass) {
        device().backend().linear(x(), weight().buffer(), bias(), y, pass);
    }

    private LinearSpec spec() {
        return Linear.spec(inputs().get(0), inputs().get(1));
    }
}
