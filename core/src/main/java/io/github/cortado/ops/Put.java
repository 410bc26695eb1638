package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Range;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import java.util.List;

/** Elements replaced by number, where each line has numbers of its own. */
public final class Put {
    private Put() {}

    /**
     * y = x, and y[o,index[o,k,j],j] = source[o,k,j], in the order of k: where an element is named
     * more than once the last one stays, and only that one has a gradient.
     */
    public static Tensor scatter(Tensor x, int dim, Tensor index, Tensor source) {
        int d = check(x, dim, index);
        Checks.sameDevice("scatter", x, source);
        Checks.require(
                x.dtype() == source.dtype(),
                "scatter: expects a source of %s, as the tensor is, got %s",
                x.dtype(),
                source.dtype());
        Tensor part = source;
        for (int k = 0; k < index.shape().rank(); k++) {
            part = Take.shortened("scatter", "source", part, k, index.shape());
        }
        return within(x, d, index, part);
    }

    /** As above, with one number for all. */
    public static Tensor scatter(Tensor x, int dim, Tensor index, double value) {
        int d = check(x, dim, index);
        return within(x, d, index, x.empty(index.shape()).fill(value));
    }

    private static int check(Tensor x, int dim, Tensor index) {
        int d = x.shape().axis("scatter", dim);
        Take.check("scatter", x, d, index);
        return d;
    }

    /** In those lines of x that the index has numbers for. */
    private static Tensor within(Tensor x, int d, Tensor index, Tensor source) {
        Shape shape = index.shape().with(d, x.dim(d));
        Axis axis = Max.axis(shape, d);
        if (shape.equals(x.shape())) {
            return put(x, index, source, axis);
        }
        Range[] ranges = new Range[shape.rank()];
        for (int k = 0; k < ranges.length; k++) {
            ranges[k] = Range.to(shape.dim(k));
        }
        Tensor lines = put(Region.slice(x, ranges), index, source, axis);
        return Region.sliceScatter(x, lines, ranges);
    }

    private static Tensor put(Tensor x, Tensor index, Tensor source, Axis axis) {
        Shape shape = index.shape();
        return Node.record(
                "scatter",
                written(source, index, x.copy(), axis),
                List.of(index),
                Edge.to(
                                x,
                                dy -> {
                                    Tensor dx = Region.copy(dy, Internals.newGrad(x));
                                    return written(zeros(dy, shape), index, dx, axis);
                                })
                        .differentiable(dy -> put(dy, index, zeros(dy, shape), axis)),
                Edge.to(source, dy -> remaining(Take.taken(dy, index, axis), index, axis))
                        .differentiable(
                                dy -> remaining(Take.gathered(dy, index, axis), index, axis)));
    }

    private static Tensor written(Tensor source, Tensor index, Tensor y, Axis axis) {
        y.device().backend().put(source.buffer(), index.buffer(), y.buffer(), axis);
        return y;
    }

    private static Tensor zeros(Tensor dy, Shape shape) {
        return Region.zeroed(dy.empty(shape));
    }

    /** The picked elements, 0 for those in whose place another one was written after them. */
    private static Tensor remaining(Tensor picked, Tensor index, Axis axis) {
        int lines = axis.outer() * axis.inner();
        if (lines == 0 || index.size() == 0) {
            return picked;
        }
        int picks = index.size() / lines;
        Tensor numbers = Constants.numbers(index.device(), DType.INT64, picks);
        Tensor own =
                numbers.reshape(1, picks, 1)
                        .expand(axis.outer(), picks, axis.inner())
                        .reshape(index.shape().dims());
        Tensor last = written(own, index, index.empty(Shape.of(lines * axis.n())), axis);
        return Compare.maskedFill(picked, Take.taken(last, index, axis).ne(own), 0);
    }
}
