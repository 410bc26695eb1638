package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Conv2dSpec;
import org.jspecify.annotations.Nullable;

/**
 * Transposed convolution: what {@link Conv2d} does to gradients. x and y change places in all that
 * the backend computes.
 */
public final class ConvTranspose2d {
    private ConvTranspose2d() {}

    /**
     * y = the gradient by its input of a convolution with weight w whose output's gradient is x,
     * plus b: x [n, in, h, w], w [in, out / groups, kh, kw], b [out], y [n, out, h', w'] with h' =
     * (h - 1) stride - 2 padding + dilation (kh - 1) + outputPadding + 1.
     *
     * @param padH rows that the result has more of below
     * @param padW columns that are added on the right
     * @throws io.github.cortado.ShapeException if channels, groups, bias or sizes do not fit
     * @throws IllegalArgumentException if an output padding is negative, or not below the stride or
     *     the dilation
     */
    public static Tensor apply(
            Tensor x, Tensor w, @Nullable Tensor b, Conv2d.Options o, int padH, int padW) {
        checkPadding(padH, o.strideH(), o.dilationH());
        checkPadding(padW, o.strideW(), o.dilationW());
        check(x, w, b, o);
        int h = size(x, w, 2, o.strideH(), o.padH(), o.dilationH()) + padH;
        int width = size(x, w, 3, o.strideW(), o.padW(), o.dilationW()) + padW;
        Checks.require(
                x.dim(2) > 0 && x.dim(3) > 0 && w.dim(1) > 0 && h > 0 && width > 0,
                "convTranspose2d: input %s and weight %s leave no output (%d x %d)",
                x.shape(),
                w.shape(),
                h,
                width);
        // Of what is as long as a stride more a convolution would make another element: there
        // nothing is padded by it, and the part that is asked for is taken of all.
        boolean cutsH = padH >= o.strideH();
        boolean cutsW = padW >= o.strideW();
        Conv2dSpec spec =
                new Conv2dSpec(
                        x.dim(0),
                        w.dim(1) * o.groups(),
                        cutsH ? size(x, w, 2, o.strideH(), 0, o.dilationH()) : h,
                        cutsW ? size(x, w, 3, o.strideW(), 0, o.dilationW()) : width,
                        w.dim(0),
                        w.dim(2),
                        w.dim(3),
                        o.strideH(),
                        o.strideW(),
                        cutsH ? 0 : o.padH(),
                        cutsW ? 0 : o.padW(),
                        o.dilationH(),
                        o.dilationW(),
                        o.groups());
        Tensor y = x.empty(Shape.of(spec.n(), spec.inChannels(), spec.h(), spec.w()));
        gradients(y, w, x, y, null, spec);
        Node.record(
                "convTranspose2d",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
                            x.device()
                                    .backend()
                                    .conv2d(dy.buffer(), w.buffer(), null, dx.buffer(), null, spec);
                            return dx;
                        }),
                Edge.to(
                        w,
                        dy -> {
                            Tensor dw = Internals.newGrad(w);
                            gradients(dy, w, x, null, dw, spec);
                            return dw;
                        }));
        Tensor rows = cutsH ? part(y, 2, o.padH(), h) : y;
        Tensor all = cutsW ? part(rows, 3, o.padW(), width) : rows;
        return b == null ? all : all.add(b.reshape(-1, 1, 1));
    }

    /** {@code n} elements along a dimension, 0 behind its end. */
    private static Tensor part(Tensor y, int dim, int start, int n) {
        int from = Math.min(start, y.dim(dim));
        int there = Math.min(n, y.dim(dim) - from);
        Tensor part = y.narrow(dim, from, there);
        if (there == n) {
            return part;
        }
        int[] after = new int[y.shape().rank()];
        after[dim] = n - there;
        return Arrange.pad(part, new int[after.length], after, 0);
    }

    /** Of the convolution from {@code y} to {@code x}. */
    private static void gradients(
            Tensor y,
            Tensor w,
            Tensor x,
            @Nullable Tensor ofInput,
            @Nullable Tensor ofWeight,
            Conv2dSpec spec) {
        x.device()
                .backend()
                .conv2dGrad(
                        y.buffer(),
                        w.buffer(),
                        x.buffer(),
                        null,
                        JointGradients.buffer(ofInput),
                        JointGradients.buffer(ofWeight),
                        null,
                        spec);
    }

    private static void check(Tensor x, Tensor w, @Nullable Tensor b, Conv2d.Options o) {
        String op = "convTranspose2d";
        Checks.compatible(op, x, w);
        Checks.rank(op, "input [n, channels, height, width]", x, 4);
        Checks.rank(op, "weight [in, out / groups, height, width]", w, 4);
        Checks.require(
                x.dim(1) == w.dim(0) && w.dim(0) > 0 && w.dim(0) % o.groups() == 0,
                "%s: input has %d channels, weight expects %d, in %d groups (input %s, weight %s)",
                op,
                x.dim(1),
                w.dim(0),
                o.groups(),
                x.shape(),
                w.shape());
        int out = w.dim(1) * o.groups();
        if (b != null) {
            Checks.compatible(op, x, b);
            Checks.require(
                    b.shape().equals(Shape.of(out)),
                    "%s: bias %s does not fit %d output channels (weight %s, groups %d)",
                    op,
                    b.shape(),
                    out,
                    w.shape(),
                    o.groups());
        }
    }

    private static int size(Tensor x, Tensor w, int dim, int stride, int padding, int dilation) {
        return (x.dim(dim) - 1) * stride - 2 * padding + dilation * (w.dim(dim) - 1) + 1;
    }

    private static void checkPadding(int padding, int stride, int dilation) {
        if (padding < 0 || padding >= Math.max(stride, dilation)) {
            throw new IllegalArgumentException(
                    "convTranspose2d: output padding "
                            + padding
                            + " must be from 0 to below the stride "
                            + stride
                            + " or the dilation "
                            + dilation);
        }
    }
}
