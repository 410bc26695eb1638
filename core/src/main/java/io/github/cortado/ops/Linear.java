package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.LinearSpec;
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

    static LinearSpec spec(Tensor x, Tensor w) {
        int rows = x.shape().product(0, x.shape().rank() - 1);
        return new LinearSpec(rows, w.dim(0), w.dim(1));
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
        LinearSpec spec = spec(x, w);
        boolean toW = w.requiresGrad();
        boolean toB = b != null && b.requiresGrad();
        // One pass over dy serves dw and db.
        JointGradients ofParameters =
                new JointGradients(
                        dy -> {
                            Tensor dw = toW ? Internals.newGrad(w) : null;
                            Tensor db = b != null && toB ? Internals.newGrad(b) : null;
                            gradients(x, w, dy, null, dw, db, spec);
                            return new @Nullable Tensor[] {dw, db};
                        });
        Edge toX =
                Edge.to(
                                x,
                                dy -> {
                                    Tensor dx = Internals.newGrad(x);
                                    gradients(x, w, dy, dx, null, null, spec);
                                    return dx;
                                })
                        .differentiable(dy -> dy.matmul(w));
        Edge[] others = ofParameters.edges(w, b);
        Edge toWeight =
                others[0].differentiable(
                        dy ->
                                dy.reshape(spec.m(), spec.n())
                                        .transpose(0, 1)
                                        .matmul(x.reshape(spec.m(), spec.k())));
        return b == null
                ? Node.record("linear", y, toX, toWeight)
                : Node.record(
                        "linear",
                        y,
                        toX,
                        toWeight,
                        others[1].differentiable(dy -> Reduce.summedTo(dy, b.shape())));
    }

    private static void gradients(
            Tensor x,
            Tensor w,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dw,
            @Nullable Tensor db,
            LinearSpec spec) {
        x.device()
                .backend()
                .linearGrad(
                        x.buffer(),
                        w.buffer(),
                        dy.buffer(),
                        JointGradients.buffer(dx),
                        JointGradients.buffer(dw),
                        JointGradients.buffer(db),
                        spec);
    }
}
