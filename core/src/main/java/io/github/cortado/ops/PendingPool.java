package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Backend;
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
    private final boolean ofRelu;

    /**
     * Windows of x.
     *
     * @param index where places are written, for a gradient
     * @param ofRelu whether x is a ReLU's result, so that there are no places of what is not above
     *     0
     */
    PendingPool(Tensor x, @Nullable Tensor index, Pool2dSpec spec, boolean ofRelu) {
        super("maxPool2d", x, Pool2d.outputShape(spec), List.of(x));
        this.index = index;
        this.spec = spec;
        this.ofRelu = ofRelu;
    }

    @Override
    protected Buffer compute() {
        Backend backend = device().backend();
        Buffer y = empty();
        Tensor x = inputs().get(0);
        Buffer places = index == null ? null : index.buffer();
        if (!ofRelu) {
            if (places == null) {
                backend.maxPool2d(x.buffer(), y, spec);
            } else {
                backend.maxPool2dWithIndex(x.buffer(), y, places, spec);
            }
            return y;
        }
        // The same from the ReLU's input, unless its result is needed anyway.
        if (Internals.pending(x) instanceof PendingFormula relu
                && relu.isOpenHere()
                && relu.uses() == 1) {
            if (relu.reluOf() instanceof PendingConv2d conv) {
                fused("conv2d + relu + maxPool2d");
                conv.pooled(y, places, spec);
                return y;
            }
            fused("relu + maxPool2d");
            x = relu.inputs().get(0);
        }
        if (places != null) {
            backend.reluMaxPool2d(x.buffer(), y, places, spec);
        } else {
            Buffer unread = backend.empty(DType.UINT8, y.length());
            backend.reluMaxPool2d(x.buffer(), y, unread, spec);
            unread.release("no gradient asks for it");
        }
        return y;
    }
}
