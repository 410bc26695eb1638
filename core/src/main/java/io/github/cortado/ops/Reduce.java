package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sums and means over any dimensions; over all of them where none is named. */
public final class Reduce {
    private Reduce() {}

    /** All dimensions of x. */
    public static int[] all(Tensor x) {
        int[] dims = new int[x.shape().rank()];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = d;
        }
        return dims;
    }

    /** y = sum of x over dims; dx = dy, stretched. */
    public static Tensor sum(Tensor x, int[] dims, boolean keepDim) {
        Checks.floating("sum", x);
        boolean[] reduced = mark("sum", x.shape(), dims);
        Shape kept = kept(x.shape(), reduced);
        Shape shape = keepDim ? kept : dropped(x.shape(), reduced);
        Run last = Run.before(reduced.length, reduced);
        Tensor shaped =
                last != null
                                && Run.before(last.start, reduced) == null
                                && PendingSum.mayWait(x, last.axis(x.shape()))
                        ? PendingSum.of(x, last.axis(x.shape()), shape)
                        : new Tensor(x.device(), shape, run(x, reduced, kept).buffer());
        return Node.record(
                "sum",
                shaped,
                Edge.to(
                                x,
                                dy ->
                                        Layout.stretchedGrad(
                                                new Tensor(dy.device(), kept, dy.buffer()), x))
                        .differentiable(dy -> Layout.expand(dy.reshape(kept.dims()), x.shape())));
    }

    /** y = mean of x over dims; dx = dy / count, stretched. */
    public static Tensor mean(Tensor x, int[] dims, boolean keepDim) {
        Checks.floating("mean", x);
        boolean[] reduced = mark("mean", x.shape(), dims);
        double count = (double) x.size() / kept(x.shape(), reduced).size();
        return sum(x, dims, keepDim).div(count);
    }

    /** x summed to a shape that broadcasts to x's: the gradient of a stretched operand. */
    static Tensor sumTo(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        int shift = x.shape().rank() - shape.rank();
        boolean[] reduced = new boolean[x.shape().rank()];
        for (int d = 0; d < reduced.length; d++) {
            reduced[d] = d < shift || (shape.dim(d - shift) == 1 && x.dim(d) != 1);
        }
        Tensor y = run(x, reduced, kept(x.shape(), reduced));
        return new Tensor(y.device(), shape, y.buffer());
    }

    /** As {@link #sumTo}, recorded. */
    static Tensor summedTo(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        int shift = x.shape().rank() - shape.rank();
        int[] dims =
                Arrays.stream(all(x))
                        .filter(d -> d < shift || (shape.dim(d - shift) == 1 && x.dim(d) != 1))
                        .toArray();
        Tensor y = sum(x, dims, true);
        return shift == 0 ? y : y.reshape(shape.dims());
    }

    /** Neighbouring dimensions that are reduced, from {@code start} to below {@code end}. */
    private record Run(int start, int end) {
        /** The last ones of those below {@code end}; null if there are none. */
        static @Nullable Run before(int end, boolean[] reduced) {
            int last = end;
            while (last > 0 && !reduced[last - 1]) {
                last--;
            }
            int start = last;
            while (start > 0 && reduced[start - 1]) {
                start--;
            }
            return start == last ? null : new Run(start, last);
        }

        /** These as one, of a tensor of that shape. */
        Axis axis(Shape shape) {
            return new Axis(
                    shape.product(0, start),
                    shape.product(start, end),
                    shape.product(end, shape.rank()));
        }
    }

    /** Reduces runs of neighbouring dimensions one after another, the last run first. */
    private static Tensor run(Tensor x, boolean[] reduced, Shape kept) {
        int[] dims = x.shape().dims();
        Tensor y = x;
        Run run = Run.before(reduced.length, reduced);
        while (run != null) {
            Axis axis = run.axis(Shape.of(dims));
            Arrays.fill(dims, run.start, run.end, 1);
            Tensor next = y.empty(Shape.of(dims));
            y.device().backend().sum(y.buffer(), next.buffer(), axis);
            y = next;
            run = Run.before(run.start, reduced);
        }
        return new Tensor(y.device(), kept, y == x ? x.copy().buffer() : y.buffer());
    }

    /** Which dimensions are named, none of them twice: all where none is, as PyTorch has it. */
    static boolean[] mark(String op, Shape shape, int[] dims) {
        boolean[] reduced = new boolean[shape.rank()];
        Arrays.fill(reduced, dims.length == 0);
        for (int d : dims) {
            int axis = shape.axis(op, d);
            Checks.require(!reduced[axis], "%s: dimension %d is named twice for %s", op, d, shape);
            reduced[axis] = true;
        }
        return reduced;
    }

    private static Shape kept(Shape shape, boolean[] reduced) {
        int[] dims = shape.dims();
        for (int d = 0; d < dims.length; d++) {
            dims[d] = reduced[d] ? 1 : dims[d];
        }
        return Shape.of(dims);
    }

    /** Without dimensions that were summed over and kept. */
    static Tensor dropped(Tensor kept, int[] dims) {
        return kept.reshape(dropped(kept.shape(), mark("sum", kept.shape(), dims)).dims());
    }

    private static Shape dropped(Shape shape, boolean[] reduced) {
        int[] dims = new int[shape.rank()];
        int n = 0;
        for (int d = 0; d < reduced.length; d++) {
            if (!reduced[d]) {
                dims[n++] = shape.dim(d);
            }
        }
        return Shape.of(Arrays.copyOf(dims, n));
    }
}
