package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
import java.util.Locale;

/** Maxima and means over windows of pictures. */
public final class Pool2d {
    private Pool2d() {}

    /** Sizes of a window, its steps, and the border around the picture. */
    public record Options(int kernelH, int kernelW, int strideH, int strideW, int padH, int padW) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if a kernel size or stride is below 1, or a padding
         *     negative or more than half of the kernel
         */
        public Options {
            if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "pool2d: kernel and stride must be at least 1, got kernel (%d, %d),"
                                        + " stride (%d, %d)",
                                kernelH,
                                kernelW,
                                strideH,
                                strideW));
            }
            if (padH < 0 || padW < 0 || 2 * padH > kernelH || 2 * padW > kernelW) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "pool2d: padding (%d, %d) must be from 0 to half of the kernel"
                                        + " (%d, %d)",
                                padH,
                                padW,
                                kernelH,
                                kernelW));
            }
        }

        /** The same numbers in both directions. */
        public static Options of(int kernel, int stride, int padding) {
            return new Options(kernel, kernel, stride, stride, padding, padding);
        }
    }

    /** As {@link #max(Tensor, Options)} with square windows. */
    public static Tensor max(Tensor x, int kernel, int stride, int padding) {
        return max(x, Options.of(kernel, stride, padding));
    }

    /** Largest x [n, c, h, w] in each window; the gradient goes to the first of equals. */
    public static Tensor max(Tensor x, Options options) {
        Pool2dSpec spec = spec("maxPool2d", x, options, true);
        boolean ofRelu =
                spec.placesFitAByte()
                        && Internals.pending(x) instanceof PendingFormula f
                        && f.isRelu();
        Pool2dSpec pass = ofRelu ? spec.withRelu() : spec;
        if (!Node.records(x) || !spec.placesFitAByte()) {
            Tensor y = new PendingPool(x, null, pass).result();
            return Node.record("maxPool2d", y, Edge.to(x, dy -> gradient(x, dy, spec)));
        }
        Tensor index = index(x, outputShape(spec));
        Tensor y = new PendingPool(x, index, pass).result();
        Tensor saved = x.detach();
        Tensor largest = y.detach();
        Edge edge =
                Edge.to(
                        x,
                        dy ->
                                new PendingPoolGradient(saved, largest, dy, index, spec, ofRelu)
                                        .result());
        Node.record("maxPool2d", y, List.of(), List.of(index), edge);
        Node before = Internals.node(x);
        Node made = Internals.node(y);
        if (before != null && made != null && before.stopsAtZero()) {
            made.stopAtZero();
        }
        return y;
    }

    private static Tensor gradient(Tensor x, Tensor dy, Pool2dSpec spec) {
        Tensor dx = Internals.newGrad(x);
        x.device().backend().maxPool2dGrad(x.buffer(), null, dy.buffer(), dx.buffer(), spec);
        return dx;
    }

    /** A byte for each window. */
    private static Tensor index(Tensor x, Shape windows) {
        Buffer bytes = x.device().backend().empty(DType.UINT8, windows.size());
        return new Tensor(x.device(), windows, bytes);
    }

    /** As {@link #avg(Tensor, Options, boolean)} with square windows. */
    public static Tensor avg(
            Tensor x, int kernel, int stride, int padding, boolean countIncludePad) {
        return avg(x, Options.of(kernel, stride, padding), countIncludePad);
    }

    /** Mean of x [n, c, h, w] over each window. */
    public static Tensor avg(Tensor x, Options options, boolean countIncludePad) {
        Pool2dSpec spec = spec("avgPool2d", x, options, countIncludePad);
        Backend backend = x.device().backend();
        Tensor y = output(x, spec);
        backend.avgPool2d(x.buffer(), y.buffer(), spec);
        return Node.record(
                "avgPool2d",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
                            backend.avgPool2dGrad(dy.buffer(), dx.buffer(), spec);
                            return dx;
                        }));
    }

    private static Tensor output(Tensor x, Pool2dSpec spec) {
        return x.empty(outputShape(spec));
    }

    static Shape outputShape(Pool2dSpec spec) {
        return Shape.of(spec.n(), spec.channels(), spec.outH(), spec.outW());
    }

    private static Pool2dSpec spec(String op, Tensor x, Options o, boolean countIncludePad) {
        Checks.floating(op, x);
        Checks.rank(op, "input [n, channels, height, width]", x, 4);
        return spec(op, x.shape(), o, countIncludePad);
    }

    static Pool2dSpec spec(String op, Shape x, Options o, boolean countIncludePad) {
        Pool2dSpec spec =
                new Pool2dSpec(
                        x.dim(0),
                        x.dim(1),
                        x.dim(2),
                        x.dim(3),
                        o.kernelH,
                        o.kernelW,
                        o.strideH,
                        o.strideW,
                        o.padH,
                        o.padW,
                        countIncludePad);
        Checks.require(
                spec.outH() > 0 && spec.outW() > 0,
                "%s: kernel %d x %d does not fit input %s with padding %d, %d",
                op,
                o.kernelH,
                o.kernelW,
                x,
                o.padH,
                o.padW);
        return spec;
    }
}
