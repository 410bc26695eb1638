package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Affine;
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
    protected void compute(Buffer y) {
        compute(y, null, spec);
    }

    @Override
    void cutOff(Clamp c, Buffer y) {
        compute(y, null, spec.rectified(c.limit()));
    }

    /** The largest of max(y, 0) in each window, and where it is. */
    void pooled(Buffer y, @Nullable Buffer index, Pool2dSpec windows) {
        compute(y, index, spec.pooled(windows));
    }

    /** Its results, normalised along and cut off at {@code limit} where that is a number. */
    void normalised(Buffer mean, Buffer var, Affine affine, double eps, double limit, Buffer y) {
        FoldedWeights folded = FoldedWeights.of(weight(), bias(), mean, var, affine, eps);
        device().backend().conv2d(x(), folded.w(), folded.b(), y, null, spec.rectified(limit));
    }

    private void compute(Buffer y, @Nullable Buffer index, Conv2dSpec pass) {
        device().backend().conv2d(x(), weight().buffer(), bias(), y, index, pass);
    }
}
