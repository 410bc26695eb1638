package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A gradient of windows that has not been spread over their pictures: the ReLU before the windows
 * changes nothing of it, for it goes nowhere where the largest element is not above 0; and a
 * convolution before that takes it as it is.
 */
final class PendingPoolGradient extends Pending {
    /** Where the gradient stands: behind the windows, or behind the ReLU that they look at. */
    private enum At {
        /** Of windows by themselves. */
        WINDOWS,
        /** Of windows over a ReLU's result. */
        WINDOWS_OF_RELU,
        /** Of that ReLU's input. */
        RELU
    }

    private final Tensor x;
    private final Tensor y;
    private final Tensor dy;
    private final Tensor index;
    private final Pool2dSpec spec;
    private final At at;

    /**
     * The gradient of the windows' input x.
     *
     * @param y the largest elements, along with which their places are written to {@code index}
     */
    PendingPoolGradient(
            Tensor x, Tensor y, Tensor dy, Tensor index, Pool2dSpec spec, boolean ofRelu) {
        this(x, y, dy, index, spec, ofRelu ? At.WINDOWS_OF_RELU : At.WINDOWS);
    }

    private PendingPoolGradient(
            Tensor x, Tensor y, Tensor dy, Tensor index, Pool2dSpec spec, At at) {
        super(
                "maxPool2d",
                dy,
                x.shape(),
                at == At.RELU ? List.of(y, dy, index) : List.of(x, y, dy, index));
        this.x = x;
        this.y = y;
        this.dy = dy;
        this.index = index;
        this.spec = spec;
        this.at = at;
    }

    /** The gradient of windows over {@code relu}'s result that dy is; null if it is none. */
    static @Nullable PendingPoolGradient of(Tensor relu, Tensor dy) {
        return Internals.pending(dy) instanceof PendingPoolGradient g
                        && g.at == At.WINDOWS_OF_RELU
                        && g.isOpenHere()
                        && isSame(g.x, relu)
                ? g
                : null;
    }

    private static boolean isSame(Tensor a, Tensor b) {
        return Internals.pending(a) != null
                ? Internals.pending(a) == Internals.pending(b)
                : a.sharesMemoryWith(b);
    }

    /** Whether dy is that of a ReLU's input, from windows over its result. */
    static boolean isOfRelu(Tensor dy) {
        return Internals.pending(dy) instanceof PendingPoolGradient g && g.at == At.RELU;
    }

    /** What {@link #isOfRelu} has found. */
    static PendingPoolGradient ofRelu(Tensor dy) {
        if (Internals.pending(dy) instanceof PendingPoolGradient g) {
            return g;
        }
        throw new AssertionError("no gradient of windows");
    }

    /** The gradient of the ReLU's input. */
    PendingPoolGradient throughRelu() {
        use();
        return new PendingPoolGradient(x, y, dy, index, spec, At.RELU);
    }

    /** The gradients by x, w and b of the convolution before the ReLU, those that are needed. */
    @Nullable Tensor[] convolution(Tensor in, Tensor w, @Nullable Tensor b, Conv2dSpec conv) {
        use();
        fused("gradients of conv2d + relu + maxPool2d");
        Tensor dx = in.requiresGrad() ? Internals.newGrad(in) : null;
        Tensor dw = w.requiresGrad() || b != null ? Internals.newGrad(w) : null;
        Tensor db = b == null ? null : Internals.newGrad(b);
        device().backend()
                .conv2dGrad(
                        in.buffer(),
                        w.buffer(),
                        dy.buffer(),
                        places(),
                        JointGradients.buffer(dx),
                        JointGradients.buffer(dw),
                        JointGradients.buffer(db),
                        conv.pooled(spec.withRelu()));
        return new @Nullable Tensor[] {dx, dw, db};
    }

    /** The places, which may not have been looked for. */
    private Buffer places() {
        y.buffer();
        return index.buffer();
    }

    @Override
    protected void compute(Buffer dx) {
        device().backend()
                .maxPool2dGrad(
                        at == At.RELU ? null : x.buffer(),
                        at == At.WINDOWS_OF_RELU ? null : places(),
                        dy.buffer(),
                        dx,
                        spec);
    }
}
