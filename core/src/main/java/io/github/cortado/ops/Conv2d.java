package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
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
        Tensor y = x.empty(outputShape(spec));
        x.device().backend().conv2d(x.buffer(), w.buffer(), buffer(b), y.buffer(), spec);
        return record("conv2d", y, List.of(), dy -> dy, x, w, b, spec);
    }

    /** y = max(conv(x, w) + b, 0) in one pass; as {@link #apply} otherwise. */
    public static Tensor relu(Tensor x, Tensor w, @Nullable Tensor b, Options o) {
        Conv2dSpec spec = spec(x, w, b, o);
        Tensor y = x.empty(outputShape(spec));
        x.device().backend().conv2dRelu(x.buffer(), w.buffer(), buffer(b), y.buffer(), spec);
        return record("conv2dRelu", y, List.of(y), Pointwise.reluGrad(y), x, w, b, spec);
    }

    /**
     * y = maximum over windows of max(conv(x, w) + b, 0), in one pass that keeps a byte for each
     * window if there will be a gradient: equals {@link Pool2d#reluMax} of {@link #apply}. Windows
     * of 255 places and more are pooled after the convolution.
     */
    public static Tensor reluMaxPool(
            Tensor x, Tensor w, @Nullable Tensor b, Options o, Pool2d.Options windows) {
        if (windows.kernelH() * windows.kernelW() >= Pool2dSpec.NOWHERE) {
            return Pool2d.reluMax(apply(x, w, b, o), windows);
        }
        Conv2dSpec conv = spec(x, w, b, o);
        Pool2dSpec pool = Pool2d.spec("conv2dReluMaxPool2d", outputShape(conv), windows, true);
        ConvPoolSpec spec = new ConvPoolSpec(conv, pool);
        Backend backend = x.device().backend();
        Tensor y = x.empty(Pool2d.outputShape(pool));
        if (!Node.records(x, w, b)) {
            backend.conv2dReluMaxPool2d(x.buffer(), w.buffer(), buffer(b), y.buffer(), null, spec);
            return y;
        }
        Tensor index = Pool2d.index(y);
        backend.conv2dReluMaxPool2d(
                x.buffer(), w.buffer(), buffer(b), y.buffer(), index.buffer(), spec);
        JointGradients gradients =
                new JointGradients(
                        dy -> {
                            Tensor dx = x.requiresGrad() ? x.newGrad() : null;
                            Tensor dw = w.requiresGrad() || b != null ? w.newGrad() : null;
                            Tensor db = b == null ? null : b.newGrad();
                            backend.conv2dReluMaxPool2dGrad(
                                    x.buffer(),
                                    w.buffer(),
                                    dy.buffer(),
                                    index.buffer(),
                                    buffer(dx),
                                    buffer(dw),
                                    buffer(db),
                                    spec);
                            return new @Nullable Tensor[] {dx, dw, db};
                        });
        return Node.record(
                "conv2dReluMaxPool2d", y, List.of(), List.of(index), gradients.edges(x, w, b));
    }

    private static Shape outputShape(Conv2dSpec spec) {
        return Shape.of(spec.n(), spec.outChannels(), spec.outH(), spec.outW());
    }

    private static @Nullable Buffer buffer(@Nullable Tensor t) {
        return t == null ? null : t.buffer();
    }

    /** {@code before} takes the gradient of y to that of the convolution. */
    private static Tensor record(
            String op,
            Tensor y,
            List<Tensor> alsoRead,
            UnaryOperator<Tensor> before,
            Tensor x,
            Tensor w,
            @Nullable Tensor b,
            Conv2dSpec spec) {
        Backend backend = x.device().backend();
        Edge toX =
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = x.newGrad();
                            backend.conv2dGradInput(
                                    before.apply(dy).buffer(), w.buffer(), dx.buffer(), spec);
                            return dx;
                        });
        if (b == null) {
            Edge toW = Edge.to(w, dy -> gradients(x, before.apply(dy), w, null, spec));
            return Node.record(op, y, alsoRead, toX, toW);
        }
        // One pass over dy serves dw and db; the edge to b runs right after the one to w.
        Tensor[] db = new Tensor[1];
        Edge toW =
                Edge.to(
                        w,
                        dy -> {
                            db[0] = b.newGrad();
                            return gradients(x, before.apply(dy), w, db[0], spec);
                        });
        Edge toB =
                Edge.to(
                        b,
                        dy -> {
                            if (db[0] == null) {
                                db[0] = b.newGrad();
                                gradients(x, before.apply(dy), w, db[0], spec);
                            }
                            return db[0];
                        });
        return Node.record(op, y, alsoRead, toX, toW, toB);
    }

    private static Tensor gradients(
            Tensor x, Tensor dy, Tensor w, @Nullable Tensor db, Conv2dSpec spec) {
        Tensor dw = w.newGrad();
        x.device()
                .backend()
                .conv2dGradWeight(
                        x.buffer(),
                        dy.buffer(),
                        dw.buffer(),
                        db == null ? null : db.buffer(),
                        spec);
        return dw;
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
