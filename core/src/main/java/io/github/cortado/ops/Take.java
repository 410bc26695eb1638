package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import java.util.List;

/** Elements by number, where each line has numbers of its own. */
public final class Take {
    private Take() {}

    /**
     * y[o,k,j] = x[o,index[o,k,j],j]; the index may be smaller than x along the other dimensions.
     */
    public static Tensor gather(Tensor x, int dim, Tensor index) {
        int d = x.shape().axis("gather", dim);
        check("gather", x, d, index);
        Tensor whole = cut("gather", x, d, index.shape());
        Axis axis = Max.axis(whole.shape(), d);
        return gathered(whole, index, axis);
    }

    static Tensor gathered(Tensor x, Tensor index, Axis axis) {
        return Node.record(
                "gather", taken(x, index, axis), List.of(index), toTaken(x, index, axis));
    }

    /** The edge to x of its elements at the index. */
    static Edge toTaken(Tensor x, Tensor index, Axis axis) {
        return Edge.to(x, dy -> added(dy, index, Internals.newGrad(x), axis))
                .differentiable(dy -> scattered(dy, index, axis, x.shape()));
    }

    /** The source's elements at the index, 0 elsewhere. */
    private static Tensor scattered(Tensor source, Tensor index, Axis axis, Shape shape) {
        return Node.record(
                "scatterAdd",
                added(source, index, source.empty(shape), axis),
                List.of(index),
                Edge.to(source, dy -> taken(dy, index, axis))
                        .differentiable(dy -> gathered(dy, index, axis)));
    }

    /** y = x, and to y[o,index[o,k,j],j] source[o,k,j] added, in the order of k. */
    public static Tensor scatterAdd(Tensor x, int dim, Tensor index, Tensor source) {
        int d = x.shape().axis("scatterAdd", dim);
        check("scatterAdd", x, d, index);
        Checks.compatible("scatterAdd", x, source);
        Tensor part = source;
        for (int k = 0; k < index.shape().rank(); k++) {
            part = shortened("scatterAdd", "source", part, k, index.shape());
        }
        Shape shape = index.shape().with(d, x.dim(d));
        Tensor sums = scattered(part, index, Max.axis(shape, d), shape);
        return x.add(widened(sums, x.shape()));
    }

    /** 1 at the index, in a last dimension of so many, else 0 (int64). */
    public static Tensor oneHot(Tensor index, int classes) {
        Checks.integers("oneHot", "numbers of classes", index);
        Checks.require(classes > 0, "oneHot: expected 1 class or more, got %s", classes);
        Tensor line = index.detach().unsqueeze(-1);
        Tensor ones = Tensor.zeros(index.device(), DType.FLOAT32, line.shape()).fill(1);
        Shape shape = line.shape().with(line.shape().rank() - 1, classes);
        Axis axis = new Axis(index.size(), classes, 1);
        return added(ones, line, ones.empty(shape), axis).to(DType.INT64);
    }

    static Tensor taken(Tensor x, Tensor index, Axis axis) {
        Tensor y = x.empty(index.shape());
        y.device().backend().take(x.buffer(), index.buffer(), y.buffer(), axis);
        return y;
    }

    static Tensor added(Tensor dy, Tensor index, Tensor dx, Axis axis) {
        dx.device().backend().takeGrad(dy.buffer(), index.buffer(), dx.buffer(), axis);
        return dx;
    }

    static void check(String op, Tensor x, int d, Tensor index) {
        Checks.integers(op, "an index", index);
        Checks.sameDevice(op, x, index);
        Checks.require(
                index.shape().rank() == x.shape().rank(),
                "%s: expects an index with %s dimensions, as %s has, got %s",
                op,
                x.shape().rank(),
                x.shape(),
                index.shape());
        for (int k = 0; k < x.shape().rank(); k++) {
            Checks.require(
                    k == d || index.dim(k) <= x.dim(k),
                    "%s: index %s is larger than %s along dimension %s",
                    op,
                    index.shape(),
                    x.shape(),
                    k);
        }
    }

    private static Tensor cut(String op, Tensor x, int d, Shape shape) {
        Tensor y = x;
        for (int k = 0; k < shape.rank(); k++) {
            y = k == d ? y : shortened(op, "input", y, k, shape);
        }
        return y;
    }

    static Tensor shortened(String op, String what, Tensor x, int k, Shape shape) {
        Checks.require(
                x.shape().rank() == shape.rank() && x.dim(k) >= shape.dim(k),
                "%s: %s %s is smaller than index %s",
                op,
                what,
                x.shape(),
                shape);
        return x.dim(k) == shape.dim(k) ? x : x.narrow(k, 0, shape.dim(k));
    }

    private static Tensor widened(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        int[] after = new int[shape.rank()];
        for (int k = 0; k < after.length; k++) {
            after[k] = shape.dim(k) - x.dim(k);
        }
        return Arrange.pad(x, new int[after.length], after, 0);
    }
}
