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
        Checks.require(
                table.shape().rank() == 2,
                "embedding: expects a table [rows, width], got %s",
                table.shape());
        int rank = index.shape().rank();
        int[] sizes = Arrays.copyOf(index.shape().dims(), rank + 1);
        sizes[rank] = table.dim(1);
        return lines("embedding", table, 0, index, Shape.of(sizes), padding);
    }

    private static Tensor lines(
            String op, Tensor x, int d, Tensor index, Shape shape, int padding) {
        Checks.integers(op, "an index", index);
        Checks.sameDevice(op, x, index);
        Axis axis = Max.axis(x.shape(), d);
        Tensor y = x.empty(shape);
        x.device().backend().indexSelect(x.buffer(), index.buffer(), y.buffer(), axis);
        return Node.record(
                op,
                y,
                List.of(index),
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
                            dx.device()
                                    .backend()
                                    .indexSelectGrad(
                                            dy.buffer(),
                                            index.buffer(),
                                            dx.buffer(),
                                            axis,
                                            padding);
                            return dx;
                        }));
    }
}
