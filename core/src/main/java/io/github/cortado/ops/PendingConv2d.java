package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A convolution that has not been computed. */
final class PendingConv2d extends PendingProduct {
    private final Conv2dSpec spec;

    PendingConv2d(Tensor x, Tensor w, @Nullable Tensor b, Conv2dSpec spec) {
        super(
                "conv2d",
                x,
                Shape.of(spec.n(), spec.outChannels(), spec.outH(), spec.outW()),
                b == null ? List.of(x, w) : List.of(x, w, b));
        this.spec = spec;
    }

    @Override
    protected Buffer compute() {
        Buffer y = empty();
        device().backend().conv2d(input(0), input(1), bias(), y, spec);
        return y;
    }

    @Override
    Buffer relu() {
        Buffer y = empty();
        device().backend().conv2dRelu(input(0), input(1), bias(), y, spec);
        return y;
    }

    /** The largest of max(y, 0) in each window, and where it is. */
    void pooled(Buffer y, @Nullable Buffer index, Pool2dSpec windows) {
        device().backend()
                .conv2dReluMaxPool2d(
                        input(0), input(1), bias(), y, index, new ConvPoolSpec(spec, windows));
    }
}
