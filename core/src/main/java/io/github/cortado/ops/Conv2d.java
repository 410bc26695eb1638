package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Conv2dSpec;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Two-dimensional convolution (cross-correlation, as networks use it). */
public final class Conv2d {
    private Conv2d() {}

    /** Numbers of a convolution that do not come from shapes. */
    public record Options(
            int strideH,
            int strideW,
            int padH,
            int padW,
            int dilationH,
            int dilationW,
            int groups) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if a stride, dilation or group count is below 1 or a
         *     padding negative
         */
        public Options {
            if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1 || groups < 1) {
                throw new IllegalArgumentException(
                        "conv2d: stride, dilation and groups must be at least 1, got stride ("
                                + (strideH + ", " + strideW + "), dilation (")
                                + (dilationH + ", " + dilationW + "), groups " + groups));
            }
            if (padH < 0 || padW < 0) {
                throw new IllegalArgumentException(
                        "conv2d: padding (" + padH + ", " + padW + ") is negative");
            }
        }

        /** The same number in both directions. */
        public static Options of(int stride, int padding, int dilation, int groups) {
            return new Options(stride, stride, padding, padding, dilation, dilation, groups);
        }
    }

    /**
     * y = conv(x, w) + b, x [n, in, h, w], w [out, in / groups, kh, kw], b [out].
     *
     * @throws io.github.cortado.ShapeException if channels, groups, bias or sizes do not fit
     */
    public static Tensor apply(Tensor x, Tensor w, @Nullable Tensor b, Options o) {
        Conv2dSpec spec = spec(x, w, b, o);
        Tensor y = new PendingConv2d(x, w, b, spec).result();
        return record(y, x, w, b, spec);
    }

    private static Tensor record(
            Tensor y, Tensor x, Tensor w, @Nullable Tensor b, Conv2dSpec spec) {
        JointGradients pooled =
                new JointGradients(dy -> PendingPoolGradient.ofRelu(dy).convolution(x, w, b, spec));
        // One pass over dy serves dw and db, whose places are those of x, w, b.
        JointGradients dense =
                new JointGradients(
                        dy -> {
                            Tensor dw = Internals.newGrad(w);
                            Tensor db = b == null ? null : Internals.newGrad(b);
                            gradients(x, w, dy, null, dw, db, spec);
                            return new @Nullable Tensor[] {null, dw, db};
                        });
        UnaryOperator<Tensor> alone =
                dy -> {
                    Tensor dx = Internals.newGrad(x);
                    gradients(x, w, dy, dx, null, null, spec);
                    return dx;
                };
        Edge toX = Edge.to(x, new Share(pooled, alone, dense, 0));
        Edge toW = Edge.to(w, new Share(pooled, dy -> dense.get(dy, 1), dense, 1));
        return b == null
                ? Node.record("conv2d", y, toX, toW)
                : Node.record(
                        "conv2d",
                        y,
                        toX,
                        toW,
                        Edge.to(b, new Share(pooled, dy -> dense.get(dy, 2), dense, 2)));
    }

    /** The gradient of an input: through windows over a ReLU with all others, or of a dense dy. */
    private record Share(
            JointGradients pooled, UnaryOperator<Tensor> ofDense, JointGradients dense, int number)
            implements Edge.Joint {
        @Override
        public Tensor apply(Tensor dy) {
            return PendingPoolGradient.isOfRelu(dy) ? pooled.get(dy, number) : ofDense.apply(dy);
        }

        @Override
        public void forget() {
            pooled.forget();
            dense.forget();
        }
    }

    private static void gradients(
            Tensor x,
            Tensor w,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dw,
            @Nullable Tensor db,
            Conv2dSpec spec) {
        x.device()
                .backend()
                .conv2dGrad(
                        x.buffer(),
                        w.buffer(),
                        dy.buffer(),
                        null,
                        JointGradients.buffer(dx),
                        JointGradients.buffer(dw),
                        JointGradients.buffer(db),
                        spec);
    }

    private static Conv2dSpec spec(Tensor x, Tensor w, @Nullable Tensor b, Options o) {
        Checks.compatible("conv2d", x, w);
        Checks.rank("conv2d", "input [n, channels, height, width]", x, 4);
        Checks.rank("conv2d", "weight [out, in / groups, height, width]", w, 4);
        Checks.require(
                x.dim(1) == w.dim(1) * o.groups,
                "conv2d: input has %d channels, weight expects %d (input %s, weight %s, groups %d)",
                x.dim(1),
                w.dim(1) * o.groups,
                x.shape(),
                w.shape(),
                o.groups);
        Checks.require(
                w.dim(0) > 0 && w.dim(1) > 0,
                "conv2d: expects at least 1 channel in and out (input %s, weight %s)",
                x.shape(),
                w.shape());
        Checks.require(
                w.dim(0) % o.groups == 0,
                "conv2d: %d output channels cannot be split into %d groups (weight %s)",
                w.dim(0),
                o.groups,
                w.shape());
        if (b != null) {
            Checks.compatible("conv2d", x, b);
            Checks.require(
                    b.shape().equals(Shape.of(w.dim(0))),
                    "conv2d: bias %s does not fit %d output channels (weight %s)",
                    b.shape(),
                    w.dim(0),
                    w.shape());
        }
        Conv2dSpec spec =
                new Conv2dSpec(
                        x.dim(0),
                        x.dim(1),
                        x.dim(2),
                        x.dim(3),
                        w.dim(0),
                        w.dim(2),
                        w.dim(3),
                        o.strideH,
                        o.strideW,
                        o.padH,
                        o.padW,
                        o.dilationH,
                        o.dilationW,
                        o.groups);
        Checks.require(
                spec.outH() > 0 && spec.outW() > 0 && w.dim(2) > 0 && w.dim(3) > 0,
                "conv2d: kernel %d x %d (dilation %d, %d) does not fit input %s with padding %d, %d",
                w.dim(2),
                w.dim(3),
                o.dilationH,
                o.dilationW,
                x.shape(),
                o.padH,
                o.padW);
        return spec;
    }
}
