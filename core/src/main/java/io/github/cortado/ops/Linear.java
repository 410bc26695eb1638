package io.github.cortado.ops;

import io.github.cortado.Internals;
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
        check(x, w, b);
        Tensor y = new PendingLinear(x, w, b).result();
        return record(y, x, w, b);
    }

    static int rows(Tensor x) {
        return x.shape().product(0, x.shape().rank() - 1);
    }

    private static void check(Tensor x, Tensor w, @Nullable Tensor b) {
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
    }

    private static Tensor record(Tensor y, Tensor x, Tensor w, @Nullable Tensor b) {
        int rows = rows(x);
        int out = w.dim(0);
        int in = w.dim(1);
        Backend backend = x.device().backend();
        Edge toX =
                Edge.to(
                        x,
                        dy -> {
                            Tensor dx = Internals.newGrad(x);
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
                            Tensor dw = Internals.newGrad(w);
                            backend.matmul(
                                    dy.buffer(),
                                    x.buffer(),
                                    dw.buffer(),
                                    MatmulSpec.single(out, in, rows, true, false));
                            return dw;
                        });
        if (b == null || !b.requiresGrad() || !w.requiresGrad()) {
            return b == null
                    ? Node.record("linear", y, toX, toW)
                    : Node.record("linear", y, toX, toW, toBias(b, rows));
        }
        JointGradients gradients =
                new JointGradients(
                        dy -> {
                            Tensor dw = Internals.newGrad(w);
                            Tensor db = Internals.newGrad(b);
                            backend.linearGradWeight(
                                    dy.buffer(),
                                    x.buffer(),
                                    dw.buffer(),
                                    db.buffer(),
                                    rows,
                                    out,
                                    in);
                            return new Tensor[] {dw, db};
                        });
        Edge[] ofParameters = gradients.edges(w, b);
        return Node.record("linear", y, toX, ofParameters[0], ofParameters[1]);
    }

    private static Edge toBias(Tensor b, int rows) {
        return Edge.to(
                b,
                dy -> {
                    Tensor db = Internals.newGrad(b);
                    Axis all = new Axis(1, rows, b.size());
                    b.device().backend().sum(dy.buffer(), db.buffer(), all);
                    return db;
                });
    }
}
