package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;

/** Gated linear units: one half of a dimension times the sigmoid of the other. */
public final class GatedLinear {
    private static final Formula UNIT =
            Formula.of("glu", 2, 0, a -> List.of(a.x(0).mul(a.x(1).sigmoid())));

    /** By both halves; dy comes last. */
    private static final Formula GRADIENTS =
            Formula.of(
                    "gluGrad",
                    3,
                    0,
                    a -> {
                        var open = a.x(1).sigmoid();
                        var passed = a.x(2).mul(open);
                        return List.of(passed, passed.mul(a.x(0)).mul(open.subFrom(1)));
                    });

    private GatedLinear() {}

    /** y = a sigmoid(b) of the first half a and the second half b of dimension {@code dim}. */
    public static Tensor glu(Tensor x, int dim) {
        Checks.floating("glu", x);
        int d = x.shape().axis("glu", dim);
        int size = x.dim(d);
        Checks.require(
                size % 2 == 0,
                "glu: expected an even size of dimension %s, got %s",
                dim,
                x.shape());
        Parts halves = Parts.along(x, d, 2);
        Tensor y = x.empty(x.shape().with(d, size / 2));
        halves.run(UNIT, x, y);
        return Node.record(
                "glu",
                y,
                Edge.to(x, dy -> halves.gradients(GRADIENTS, x, dy))
                        .differentiable(dy -> again(x, dy, d)));
    }

    /** As {@link #GRADIENTS} has them, recorded. */
    private static Tensor again(Tensor x, Tensor dy, int d) {
        int half = x.dim(d) / 2;
        Tensor open = Pointwise.apply(Formulas.SIGMOID, Layout.narrow(x, d, half, half));
        Tensor passed = dy.mul(open);
        Tensor gate = passed.mul(Layout.narrow(x, d, 0, half)).mul(open.neg().add(1));
        return Layout.cat(d, passed, gate);
    }
}
