package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.MatmulSpec;
import org.jspecify.annotations.Nullable;

/** The affine map of a fully connected layer. */
public final class Linear {
    private Linear() {}

    /** y = x w^T + b, x [..., in], w [out, in], b [out]; dx = dy w, dw = dy^T x, db = sum of dy. */
    public static Tensor apply(Tensor x, Tensor w, @Nullable Tensor b) {
        Checks.compatible("linear", x, w);
        Checks.rank("linear", "weight [out, in]", w, 2);
        int in = w.dim(1);
        int out = w.dim(0);
        Checks.require(
                x.shape().rank() > 0 && x.dim(-1) == in,
                "linear: input has %s features, weight expects %d (input %s, weight %s)",
                x.shape().rank() == 0 ? "no" : x.dim(-1),
                in,
                x.shape(),
                w.shape());
        if (b != null) {
            Checks.compatible("linear", x, b);
            Checks.require(
                    b.shape().equals(Shape.of(out)),
                    "linear: bias %s does not fit %d outputs",
                    b.shape(),
                    out);
        }
        int rows = in == 0 ? x.shape().product(0, x.shape().rank() - 1) : x.size() / in;
        Backend backend = x.device().backend();
        Tensor y = x.sibling(x.shape().with(x.shape().rank() - 1, out));
        backend.linear(
                x.buffer(), w.buffer(), b == null ? null : b.buffer(), y.buffer(), rows, out, in);
        Edge toX =
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = dy.sibling(x.shape());
                            backend.matmul(
                                    dy.buffer(),
                                    w.buffer(),
                                    dx.buffer(),
                                    MatmulSpec.single(rows, in, out, false, false));
                            return dx;
                        });
        Edge toW =
                Edge.to(
                        w,
                        dy -> {
                            Tensor dw = dy.sibling(w.shape());
                            backend.matmul(
                                    dy.buffer(),
                                    x.buffer(),
                                    dw.buffer(),
                                    MatmulSpec.single(out, in, rows, true, false));
                            return dw;
                        });
        if (b == null) {
            return Node.record("linear", y, toX, toW);
        }
        Edge toB =
                Edge.to(
                        b,
                        dy -> {
                            Tensor db = dy.sibling(b.shape());
                            backend.sum(dy.buffer(), db.buffer(), new Axis(1, rows, out));
                            return db;
                        });
        return Node.record("linear", y, toX, toW, toB);
    }
}
