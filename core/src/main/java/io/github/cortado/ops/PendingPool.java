package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Largest elements of windows that have not been looked for. Those of a ReLU are found in one pass,
 * and with the convolution before it.
 */
final class PendingPool extends Pending {
    private final @Nullable Tensor index;
    private final Pool2dSpec spec;

    /**
     * Windows of x.
     *
     * @param index where places are written, for a gradient
     * @param spec with ReLU where x is the result of one
     */
    PendingPool(Tensor x, @Nullable Tensor index, Pool2dSpec spec) {
        super("maxPool2d", x, Pool2d.outputShape(spec), List.of(x));
        this.index = index;
        this.spec = spec;
    }

    @Override
    protected void compute(Buffer y) {
        Tensor x = inputs().get(0);
        Buffer places = index == null ? null : index.buffer();
        // The same from the ReLU's input, unless its result is needed anyway.
        if (spec.relu()
                && Internals.pending(x) instanceof PendingFormula relu
                && relu.isOpenHere()
                && relu.uses() == 1) {
            if (relu.cutsOff() instanceof PendingConv2d conv) {
                fused("conv2d + relu + maxPool2d");
                conv.pooled(y, places, spec);
                return;
            }
            fused("relu + maxPool2d");
            x = relu.inputs().get(0);
        }
        device().backend().maxPool2d(x.buffer(), y, places, spec);
    }
}
