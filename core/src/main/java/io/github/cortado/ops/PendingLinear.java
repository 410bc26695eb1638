package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
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
    protected Buffer compute() {
        Buffer y = empty();
        device().backend().linear(input(0), input(1), bias(), y, rows(), out(), in());
        return y;
    }

    @Override
    Buffer relu() {
        Buffer y = empty();
        device().backend().linearRelu(input(0), input(1), bias(), y, rows(), out(), in());
        return y;
    }

    private int rows() {
        return Linear.rows(inputs().get(0));
    }

    private int out() {
        return inputs().get(1).dim(0);
    }

    private int in() {
        return inputs().get(1).dim(1);
    }
}
