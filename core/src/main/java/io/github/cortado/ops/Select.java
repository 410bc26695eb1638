package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import java.util.Arrays;
import java.util.List;

/** Lines of a tensor by number. */
public final class Select {
    private static final int NO_PADDING = -1;

    private Select() {}

    /** y[.., k, ..] = x[.., index[k], ..]; each line of dx is the sum of what it was picked for. */
    public static Tensor indexSelect(Tensor x, int dim, Tensor index) {
        int d = x.shape().axis("indexSelect", dim);
        Checks.rank("indexSelect", "an index", index, 1);
        return lines("indexSelect", x, d, index, x.shape().with(d, index.size()), NO_PADDING);
    }

    /**
     * Rows of a table [n, ...] for an index of any shape.
     *
     * @param padding the row that has no gradient, or -1
     */
    public static Tensor embedding(Tensor index, Tensor table, int padding) {
        return embedding("embedding", index, table, padding);
    }

    static Tensor embedding(String op, Tensor index, Tensor table, int padding) {
        checkTable(op, table, padding);
        int rank = index.shape().rank();
        int[] sizes = Arrays.copyOf(index.shape().dims(), rank + 1);
        sizes[rank] = table.dim(1);
        return lines("embedding", table, 0, index, Shape.of(sizes), padding);
    }

    /**
     * Sums of lines of x along d: y[.., k, ..] = the sum of x[.., index[i], ..] over all i with
     * sum[i] = k, in the order of i, without a copy of the lines.
     *
     * @param sum from 0 to below {@code count} for each number of the index, which is trusted
     */
    static Tensor sums(String op, Tensor x, int d, Tensor index, Tensor sum, int count) {
        Checks.integers(op, "an index", index);
        Checks.sameDevice(op, x, index);
        Tensor y = x.empty(x.shape().with(d, count));
        add(op, x, d, index, y, sum);
        return Node.record(
                op,
                y,
                List.of(index, sum),
                Edge.to(
                                x,
                                dy -> {
                                    Tensor dx = Internals.newGrad(x);
                                    add(op, dy, d, sum, dx, index);
                                    return dx;
                                })
                        .differentiable(dy -> sums(op, dy, d, sum, index, x.dim(d))));
    }

    private static void add(String op, Tensor x, int d, Tensor from, Tensor y, Tensor to) {
        Axis axis = Max.axis(x.shape(), d);
        try {
            x.device().backend().indexSum(x.buffer(), from.buffer(), y.buffer(), to.buffer(), axis);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(named(op, x, d, String.valueOf(e.getMessage())), e);
        }
    }

    /** That it is a table [rows, width], and the padding one of its rows, or -1. */
    static void checkTable(String op, Tensor table, int padding) {
        Checks.require(
                table.shape().rank() == 2,
                "%s: expects a table [rows, width], got %s",
                op,
                table.shape());
        Checks.require(
                padding >= NO_PADDING && padding < table.dim(0),
                "%s: expected a padding index below %d, or -1 for none, got %d (table %s)",
                op,
                table.dim(0),
                padding,
                table.shape());
    }

    private static Tensor lines(
            String op, Tensor x, int d, Tensor index, Shape shape, int padding) {
        Checks.integers(op, "an index", index);
        Checks.sameDevice(op, x, index);
        Axis axis = Max.axis(x.shape(), d);
        Tensor y = x.empty(shape);
        try {
            x.device().backend().indexSelect(x.buffer(), index.buffer(), y.buffer(), axis);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(named(op, x, d, String.valueOf(e.getMessage())), e);
        }
        Edge edge = Edge.to(x, dy -> sums(dy, index, Internals.newGrad(x), axis, padding));
        return Node.record(
                op,
                y,
                List.of(index),
                padding != NO_PADDING
                        ? edge
                        : edge.differentiable(dy -> summed(op, dy, d, index, x.shape())));
    }

    private static Tensor sums(Tensor dy, Tensor index, Tensor dx, Axis axis, int padding) {
        dx.device()
                .backend()
                .indexSelectGrad(dy.buffer(), index.buffer(), dx.buffer(), axis, padding);
        return dx;
    }

    /** Lines with the same number added up: the opposite of {@link #lines}. */
    static Tensor summed(String op, Tensor x, int d, Tensor index, Shape shape) {
        Axis axis = Max.axis(shape, d);
        return Node.record(
                op,
                sums(x, index, x.empty(shape), axis, NO_PADDING),
                List.of(index),
                Edge.to(
                                x,
                                dy -> {
                                    Tensor dx = Internals.newGrad(x);
                                    dx.device()
                                            .backend()
                                            .indexSelect(
                                                    dy.buffer(), index.buffer(), dx.buffer(), axis);
                                    return dx;
                                })
                        .differentiable(dy -> lines(op, dy, d, index, x.shape(), NO_PADDING)));
    }

    /** What the backend found wrong, under the name that was called, and with the lines' shape. */
    private static String named(String op, Tensor x, int d, String fault) {
        String what = fault.replaceFirst("^indexSelect: ", "");
        return op.startsWith("embedding")
                ? op + ": " + what + " (table " + x.shape() + ")"
                : op + ": " + what + " (dimension " + d + " of " + x.shape() + ")";
    }

    /**
     * Sums of the lines of x [n, ...] that have the same number: y[k, ...] = sum of x[i, ...] over
     * all i with index[i] = k, in the order of i; what {@link #indexSelect} does to gradients.
     *
     * @param index a number from 0 to below {@code size} for each line
     * @param size how many sums there are
     */
    public static Tensor sumByIndex(Tensor x, Tensor index, int size) {
        String op = "sumByIndex";
        Checks.floating(op, x);
        Checks.integers(op, "an index", index);
        Checks.sameDevice(op, x, index);
        Checks.require(
                x.shape().rank() > 0 && index.shape().equals(Shape.of(x.dim(0))),
                "%s: expected a number for each line of %s, got %s",
                op,
                x.shape(),
                index.shape());
        Shape shape = x.shape().with(0, size);
        // A gradient takes its numbers for those of a forward pass, which looked at them.
        lines(op, x.sibling(Shape.of(size)), 0, index, index.shape(), NO_PADDING);
        return summed(op, x, 0, index, shape);
    }
}
