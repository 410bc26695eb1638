package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Quarters;
import io.github.cortado.backend.formula.Formula;
import java.util.List;

/**
 * Products along a dimension, by {@link Quarters}. Gradients are products of the others: no
 * division by an element, which may be 0.
 */
final class Product {
    private static final int PARTS = Quarters.PARTS;

    /** The gradients by four factors; dy comes last. */
    private static final Formula GRADIENTS =
            Formula.of(
                    "prodGrad",
                    PARTS + 1,
                    0,
                    a -> {
                        var first = a.x(PARTS).mul(a.x(2).mul(a.x(3)));
                        var second = a.x(PARTS).mul(a.x(0).mul(a.x(1)));
                        return List.of(
                                first.mul(a.x(1)),
                                first.mul(a.x(0)),
                                second.mul(a.x(3)),
                                second.mul(a.x(2)));
                    });

    private Product() {}

    /** The products along dimension d, which has one element then. */
    static Tensor along(Tensor x, int d) {
        if (!Node.records(x)) {
            Tensor y = x.empty(x.shape().with(d, 1));
            y.device().backend().prod(x.buffer(), y.buffer(), Max.axis(x.shape(), d));
            return y;
        }
        Tensor y = x;
        while (y.dim(d) > 1) {
            int ones = new Quarters(Max.axis(y.shape(), d)).missing();
            y = ofParts(ones == 0 ? y : filledUp(y, d, ones), d);
        }
        return y;
    }

    private static Tensor filledUp(Tensor x, int d, int ones) {
        int[] after = new int[x.shape().rank()];
        after[d] = ones;
        return Arrange.pad(x, new int[after.length], after, 1);
    }

    private static Tensor ofParts(Tensor x, int d) {
        Quarters quarters = new Quarters(Max.axis(x.shape(), d));
        Parts parts = new Parts(quarters.parts());
        Tensor y = x.empty(x.shape().with(d, quarters.left()));
        quarters.run(x.device().backend(), x.buffer(), y.buffer());
        return Node.record(
                "prod",
                y,
                Edge.to(x, dy -> parts.gradients(GRADIENTS, x, dy))
                        .differentiable(dy -> again(x, dy, parts.axis())));
    }

    /** As {@link #GRADIENTS} has them, recorded. */
    private static Tensor again(Tensor x, Tensor dy, Axis axis) {
        Tensor lines = x.reshape(axis.outer(), PARTS, axis.inner());
        Tensor g = dy.reshape(axis.outer(), 1, axis.inner());
        Tensor[] parts = new Tensor[PARTS];
        for (int i = 0; i < PARTS; i++) {
            parts[i] = Layout.narrow(lines, 1, i, 1);
        }
        Tensor first = g.mul(parts[2].mul(parts[3]));
        Tensor second = g.mul(parts[0].mul(parts[1]));
        Tensor dx =
                Layout.cat(
                        1,
                        first.mul(parts[1]),
                        first.mul(parts[0]),
                        second.mul(parts[3]),
                        second.mul(parts[2]));
        return dx.reshape(x.shape().dims());
    }
}
