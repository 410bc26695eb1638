package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.MatmulSpec;
import java.util.Arrays;

/** Matrix products with broadcast batches, and vectors as in PyTorch. */
public final class Matmul {
    private Matmul() {}

    /** y = a b over the last two dimensions; da = dy b^T, db = a^T dy, summed where stretched. */
    public static Tensor apply(Tensor a, Tensor b) {
        Checks.compatible("matmul", a, b);
        int ra = a.shape().rank();
        int rb = b.shape().rank();
        Checks.require(
                ra > 0 && rb > 0,
                "matmul: scalars have no matrix product (%s and %s)",
                a.shape(),
                b.shape());
        Checks.require(
                a.dim(-1) == b.dim(rb == 1 ? 0 : -2),
                "matmul: last dimension of %s and %s dimension of %s differ",
                a.shape(),
                rb == 1 ? "first" : "last but one",
                b.shape());
        if (ra == 1) {
            Tensor y = apply(a.unsqueeze(0), b);
            return y.squeeze(rb == 1 ? 0 : -2);
        }
        if (rb == 1) {
            return apply(a, b.unsqueeze(1)).squeeze(-1);
        }
        if (ra > 2 && rb == 2) {
            int[] dims = a.shape().dims();
            dims[ra - 1] = b.dim(1);
            return product(a.reshape(-1, a.dim(-1)), b, Shape.of()).reshape(dims);
        }
        return product(a, b, Shape.broadcast("matmul", batch(a), batch(b)));
    }

    private static Tensor product(Tensor a, Tensor b, Shape batch) {
        Tensor y = new PendingMatmul(a, b, batch).result();
        return Node.record(
                "matmul",
                y,
                Edge.to(a, dy -> gradient(dy, b, false, true, batch, a))
                        .differentiable(
                                dy ->
                                        Reduce.summedTo(
                                                product(dy, b.transpose(-2, -1), batch),
                                                a.shape())),
                Edge.to(b, dy -> gradient(a, dy, true, false, batch, b))
                        .differentiable(
                                dy ->
                                        Reduce.summedTo(
                                                product(a.transpose(-2, -1), dy, batch),
                                                b.shape())));
    }

    static Shape shape(Shape batch, int rows, int columns) {
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[batch.rank()] = rows;
        dims[batch.rank() + 1] = columns;
        return Shape.of(dims);
    }

    /** The gradient of {@code operand}, summed over what it was stretched to. */
    private static Tensor gradient(
            Tensor a, Tensor b, boolean transA, boolean transB, Shape batch, Tensor operand) {
        Shape stretched = shape(batch, operand.dim(-2), operand.dim(-1));
        Tensor d =
                stretched.equals(operand.shape()) ? Internals.newGrad(operand) : a.empty(stretched);
        run(a, b, transA, transB, batch, d.buffer());
        return Reduce.sumTo(d, operand.shape());
    }

    static void run(Tensor a, Tensor b, boolean transA, boolean transB, Shape batch, Buffer y) {
        int m = a.dim(transA ? -1 : -2);
        int k = a.dim(transA ? -2 : -1);
        int n = b.dim(transB ? -2 : -1);
        a.device()
                .backend()
                .matmul(
                        a.buffer(),
                        b.buffer(),
                        y,
                        new MatmulSpec(
                                m, n, k, transA, transB, offsets(a, batch), offsets(b, batch)));
    }

    private static Shape batch(Tensor x) {
        return Shape.of(Arrays.copyOf(x.shape().dims(), x.shape().rank() - 2));
    }

    /** Where each matrix of the broadcast batch starts in x. */
    private static int[] offsets(Tensor x, Shape batch) {
        int matrix = x.dim(-1) * x.dim(-2);
        int[] strides = Broadcast.stretched(batch(x), batch);
        int[] offsets = new int[batch.size()];
        int[] index = new int[batch.rank()];
        for (int i = 0; i < offsets.length; i++) {
            int at = 0;
            for (int d = 0; d < index.length; d++) {
                at += index[d] * strides[d];
            }
            offsets[i] = at * matrix;
            for (int d = index.length - 1; d >= 0 && ++index[d] == batch.dim(d); d--) {
                index[d] = 0;
            }
        }
        return offsets;
    }
}
