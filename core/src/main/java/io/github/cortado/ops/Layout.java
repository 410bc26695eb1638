package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Range;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The same elements in another arrangement: views where that is free, copies elsewhere. */
public final class Layout {
    private Layout() {}

    /** Shares memory; one size may be -1 and is computed. */
    public static Tensor reshape(Tensor x, int... sizes) {
        return view("reshape", x, resolve(x, sizes));
    }

    private static Shape resolve(Tensor x, int[] sizes) {
        int[] dims = sizes.clone();
        int unknown = -1;
        long known = 1;
        for (int d = 0; d < dims.length; d++) {
            if (dims[d] == -1) {
                Checks.require(
                        unknown < 0, "reshape: two sizes of %s are -1", Arrays.toString(sizes));
                unknown = d;
            } else {
                known *= dims[d];
            }
        }
        if (unknown >= 0) {
            Checks.require(
                    known > 0 && x.size() % known == 0,
                    "reshape: %s does not fit %s",
                    x.shape(),
                    Arrays.toString(sizes));
            dims[unknown] = (int) (x.size() / known);
        }
        Shape shape = Shape.of(dims);
        Checks.require(
                shape.size() == x.size(),
                "reshape: %s has %d elements, %s has %d",
                x.shape(),
                x.size(),
                shape,
                shape.size());
        return shape;
    }

    /** Dimensions from start on as one. */
    public static Tensor flatten(Tensor x, int startDim) {
        if (x.shape().rank() == 0) {
            return view("flatten", x, Shape.of(1));
        }
        int start = x.shape().axis("flatten", startDim);
        int[] dims = Arrays.copyOf(x.shape().dims(), start + 1);
        dims[start] = x.shape().product(start, x.shape().rank());
        return view("flatten", x, Shape.of(dims));
    }

    /** A new dimension of size 1. */
    public static Tensor unsqueeze(Tensor x, int dim) {
        int rank = x.shape().rank();
        Checks.require(
                dim >= -rank - 1 && dim <= rank,
                "unsqueeze: no place %d in a tensor of shape %s",
                dim,
                x.shape());
        int at = dim < 0 ? dim + rank + 1 : dim;
        int[] dims = new int[rank + 1];
        for (int d = 0; d <= rank; d++) {
            dims[d] = d == at ? 1 : x.dim(d < at ? d : d - 1);
        }
        return view("unsqueeze", x, Shape.of(dims));
    }

    /** Without a dimension of size 1. */
    public static Tensor squeeze(Tensor x, int dim) {
        int d = x.shape().axis("squeeze", dim);
        Checks.require(
                x.dim(d) == 1, "squeeze: dimension %d of %s is not of size 1", dim, x.shape());
        return view("squeeze", x, x.shape().without(d));
    }

    private static Tensor view(String op, Tensor x, Shape shape) {
        Tensor y = new Tensor(x.device(), shape, x.buffer());
        return Node.record(
                op,
                y,
                Edge.to(x, dy -> new Tensor(dy.device(), x.shape(), dy.buffer()))
                        .differentiable(dy -> view(op, dy, x.shape())));
    }

    /** Dimension i of the result is dimension dims[i] of x; a copy. */
    public static Tensor permute(Tensor x, int... dims) {
        int rank = x.shape().rank();
        Checks.require(
                dims.length == rank,
                "permute: %s names %d of the dimensions of %s",
                Arrays.toString(dims),
                dims.length,
                x.shape());
        int[] own = x.shape().strides();
        int[] sizes = new int[rank];
        int[] strides = new int[rank];
        int[] back = new int[rank];
        boolean[] seen = new boolean[rank];
        for (int d = 0; d < rank; d++) {
            int from = x.shape().axis("permute", dims[d]);
            Checks.require(
                    !seen[from],
                    "permute: dimension %d is named twice in %s",
                    dims[d],
                    Arrays.toString(dims));
            seen[from] = true;
            sizes[d] = x.dim(from);
            strides[d] = own[from];
            back[from] = d;
        }
        Tensor y = gather(x, Shape.of(sizes), strides, 0);
        return Node.record(
                "permute",
                y,
                Edge.to(x, dy -> permuteBack(dy, back, Internals.newGrad(x)))
                        .differentiable(dy -> permute(dy, back)));
    }

    /** The gradient of {@link #permute}, into memory that is there. */
    private static Tensor permuteBack(Tensor dy, int[] back, Tensor dx) {
        int[] own = dy.shape().strides();
        int[] strides = new int[back.length];
        for (int d = 0; d < back.length; d++) {
            strides[d] = own[back[d]];
        }
        return gatherInto(dy, dx, strides, 0);
    }

    /** Two dimensions exchanged; a copy. */
    public static Tensor transpose(Tensor x, int a, int b) {
        int[] dims = Reduce.all(x);
        int i = x.shape().axis("transpose", a);
        int j = x.shape().axis("transpose", b);
        dims[i] = j;
        dims[j] = i;
        return permute(x, dims);
    }

    /** Elements start .. start + length - 1 of a dimension; of the first, a view. */
    public static Tensor narrow(Tensor x, int dim, int start, int length) {
        int d = x.shape().axis("narrow", dim);
        Checks.require(
                start >= 0 && length >= 0 && length <= x.dim(d) - start,
                "narrow: elements %d to %d of dimension %d do not exist in %s",
                start,
                (long) start + length - 1,
                dim,
                x.shape());
        Shape shape = x.shape().with(d, length);
        int[] strides = x.shape().strides();
        int offset = start * strides[d];
        Tensor y =
                d == 0
                        ? new Tensor(x.device(), shape, x.buffer().slice(offset, shape.size()))
                        : gather(x, shape, strides, offset);
        return Node.record(
                "narrow",
                y,
                Edge.toPart(
                                x,
                                dy -> {
                                    Tensor dx = Region.zeroed(Internals.newGrad(x));
                                    scatter(dy, dx, strides, offset);
                                    return dx;
                                },
                                (dy, dx) -> addToPart(dy, dx, d, offset))
                        .differentiable(dy -> padded(dy, d, start, x.dim(d) - start - length)));
    }

    /** With zeros before and after dimension d; recorded. */
    private static Tensor padded(Tensor x, int d, int before, int after) {
        int[] left = new int[x.shape().rank()];
        int[] right = new int[left.length];
        left[d] = before;
        right[d] = after;
        return Arrange.pad(x, left, right, 0);
    }

    /** Adds dy to the part of dx along dimension d that begins at {@code offset}. */
    private static void addToPart(Tensor dy, Tensor dx, int d, int offset) {
        int[] strides = dx.shape().strides();
        Tensor part =
                d == 0
                        ? new Tensor(dx.device(), dy.shape(), dx.buffer().slice(offset, dy.size()))
                        : gather(dx, dy.shape(), strides, offset);
        Operands onto = Operands.onto(part.buffer(), dy.buffer());
        Buffer.overwriting(
                List.of(dx.buffer()),
                () -> {
                    dx.device().backend().pointwise(Formulas.ADD.value(), onto);
                    if (d > 0) {
                        scatter(part, dx, strides, offset);
                    }
                });
    }

    /** Stretched to {@code shape} as broadcasting does; a copy. */
    public static Tensor expand(Tensor x, Shape shape) {
        Checks.require(
                Shape.broadcast("expand", x.shape(), shape).equals(shape),
                "expand: %s does not stretch to %s",
                x.shape(),
                shape);
        Tensor y = gather(x, shape, Broadcast.stretched(x.shape(), shape), 0);
        return Node.record(
                "expand",
                y,
                Edge.to(x, dy -> Reduce.sumTo(dy, x.shape()))
                        .differentiable(dy -> Reduce.summedTo(dy, x.shape())));
    }

    /** The gradient of a sum: dy, of which reduced dimensions have size 1, as often as x has it. */
    static Tensor stretchedGrad(Tensor dy, Tensor x) {
        return gatherInto(dy, Internals.newGrad(x), Broadcast.stretched(dy.shape(), x.shape()), 0);
    }

    /** Element i of a dimension, which goes. */
    public static Tensor select(Tensor x, int dim, int i) {
        int d = x.shape().axis("select", dim);
        int n = x.dim(d);
        Checks.require(
                i >= -n && i < n, "select: no element %s in dimension %s of %s", i, dim, x.shape());
        return narrow(x, d, i < 0 ? i + n : i, 1).squeeze(d);
    }

    /** Every step-th element of a dimension, from start to below end, as in Python. */
    public static Tensor slice(Tensor x, int dim, int start, int end, int step) {
        int d = x.shape().axis("slice", dim);
        Checks.require(step > 0, "slice: expected a step of 1 or more, got %s", step);
        Range range = Range.of(start, end, step);
        if (step == 1) {
            return narrow(x, d, range.first(x.dim(d)), range.count(x.dim(d)));
        }
        Range[] ranges = new Range[d + 1];
        Arrays.fill(ranges, Range.all());
        ranges[d] = range;
        return Region.slice(x, ranges);
    }

    /** Parts of {@code size} elements, the last one of what is left. */
    public static List<Tensor> split(Tensor x, int size, int dim) {
        Checks.require(size > 0, "split: expected parts of at least 1 element, got %s", size);
        int d = x.shape().axis("split", dim);
        List<Tensor> parts = new ArrayList<>();
        int start = 0;
        do {
            int length = Math.min(size, x.dim(d) - start);
            parts.add(narrow(x, d, start, length));
            start += length;
        } while (start < x.dim(d));
        return List.copyOf(parts);
    }

    /** At most {@code count} parts of the same size, but for the last. */
    public static List<Tensor> chunk(Tensor x, int count, int dim) {
        Checks.require(count > 0, "chunk: expected at least 1 part, got %s", count);
        int d = x.shape().axis("chunk", dim);
        return split(x, Math.max(1, (x.dim(d) + count - 1) / count), d);
    }

    /** Joined along a new dimension. */
    public static Tensor stack(int dim, Tensor... parts) {
        Checks.require(parts.length > 0, "stack: no tensors to join");
        Shape shape = parts[0].shape();
        Tensor[] lines = new Tensor[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Checks.require(
                    parts[i].shape().equals(shape),
                    "stack: expected shapes as the first one's, %s, but number %s has %s",
                    shape,
                    i,
                    parts[i].shape());
            lines[i] = parts[i].unsqueeze(dim);
        }
        return cat(dim, lines);
    }

    /** Joined along an existing dimension. */
    public static Tensor cat(int dim, Tensor... parts) {
        Checks.require(parts.length > 0, "cat: no tensors to join");
        Tensor first = parts[0];
        int d = first.shape().axis("cat", dim);
        int total = 0;
        for (Tensor part : parts) {
            Checks.sameDevice("cat", first, part);
            Checks.require(
                    part.dtype() == first.dtype()
                            && part.shape().rank() == first.shape().rank()
                            && part.shape().with(d, 1).equals(first.shape().with(d, 1)),
                    "cat: %s %s and %s %s differ in more than dimension %d",
                    first.dtype(),
                    first.shape(),
                    part.dtype(),
                    part.shape(),
                    dim);
            total = Checks.size("cat", (long) total + part.dim(d));
        }
        Tensor y = first.empty(first.shape().with(d, total));
        int[] strides = y.shape().strides();
        Edge[] edges = new Edge[parts.length];
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            int start = at;
            Tensor part = parts[i];
            scatter(part, y, strides, start * strides[d]);
            edges[i] =
                    Edge.to(
                                    part,
                                    dy ->
                                            d == 0
                                                    ? narrow(dy, d, start, part.dim(d))
                                                    : gatherInto(
                                                            dy,
                                                            Internals.newGrad(part),
                                                            dy.shape().strides(),
                                                            start * strides[d]))
                            .differentiable(dy -> narrow(dy, d, start, part.dim(d)));
            at += part.dim(d);
        }
        return Node.record("cat", y, edges);
    }

    private static Tensor gather(Tensor x, Shape shape, int[] strides, int offset) {
        return gatherInto(x, x.empty(shape), strides, offset);
    }

    private static Tensor gatherInto(Tensor x, Tensor y, int[] strides, int offset) {
        x.device()
                .backend()
                .gather(x.buffer(), y.buffer(), new Strided(y.shape().dims(), strides, offset));
        return y;
    }

    private static void scatter(Tensor x, Tensor y, int[] strides, int offset) {
        x.device()
                .backend()
                .scatter(x.buffer(), y.buffer(), new Strided(x.shape().dims(), strides, offset));
    }
}
