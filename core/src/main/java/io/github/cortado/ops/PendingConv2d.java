package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
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
        return into(empty(), null, spec);
    }

    @Override
    Buffer relu() {
        return into(empty(), null, spec.withRelu());
    }

    /** The largest of max(y, 0) in each window, and where it is. */
    void pooled(Buffer y, @Nullable Buffer index, Pool2dSpec windows) {
        into(y, index, spec.pooled(windows));
    }

    private Buffer into(Buffer y, @Nullable Buffer index, Conv2dSpec pass) {
        device().backend().conv2d(input(0), input(1), bias(), y, index, pass);
        return y;
    }
}
