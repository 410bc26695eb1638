package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Pool2dSpec;

/** Maxima and means over windows of pictures. */
public final class Pool2d {
    private Pool2d() {}

    /** Largest x [n, c, h, w] in each window; the gradient goes to the first of equals. */
    public static Tensor max(Tensor x, int kernel, int stride, int padding) {
        Pool2dSpec spec = spec("maxPool2d", x, kernel, stride, padding, true);
        Backend backend = x.device().backend();
        Tensor y = output(x, spec);
        backend.maxPool2d(x.buffer(), y.buffer(), spec);
        return Node.record(
                "maxPool2d",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = dy.sibling(x.shape());
                            backend.maxPool2dGrad(x.buffer(), dy.buffer(), dx.buffer(), spec);
                            return dx;
                        }));
    }

    /** Mean of x [n, c, h, w] over each window. */
    public static Tensor avg(
            Tensor x, int kernel, int stride, int padding, boolean countIncludePad) {
        Pool2dSpec spec = spec("avgPool2d", x, kernel, stride, padding, countIncludePad);
        Backend backend = x.device().backend();
        Tensor y = output(x, spec);
        backend.avgPool2d(x.buffer(), y.buffer(), spec);
        return Node.record(
                "avgPool2d",
                y,
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = dy.sibling(x.shape());
                            backend.avgPool2dGrad(dy.buffer(), dx.buffer(), spec);
                            return dx;
                        }));
    }

    private static Tensor output(Tensor x, Pool2dSpec spec) {
        return x.sibling(Shape.of(spec.n(), spec.channels(), spec.outH(), spec.outW()));
    }

    private static Pool2dSpec spec(
            String op, Tensor x, int kernel, int stride, int padding, boolean countIncludePad) {
        Checks.floating(op, x);
        Checks.rank(op, "input [n, channels, height, width]", x, 4);
        Checks.require(
                kernel > 0 && stride > 0,
                "%s: kernel %d and stride %d must be at least 1",
                op,
                kernel,
                stride);
        Checks.require(
                padding >= 0 && 2 * padding <= kernel,
                "%s: padding %d must be between 0 and half of the kernel size %d",
                op,
                padding,
                kernel);
        Pool2dSpec spec =
                new Pool2dSpec(
                        x.dim(0),
                        x.dim(1),
                        x.dim(2),
                        x.dim(3),
                        kernel,
                        kernel,
                        stride,
                        stride,
                        padding,
                        padding,
                        countIncludePad);
        Checks.require(
                spec.outH() > 0 && spec.outW() > 0,
                "%s: kernel %d does not fit input %s with padding %d",
                op,
                kernel,
                x.shape(),
                padding);
        return spec;
    }
}
