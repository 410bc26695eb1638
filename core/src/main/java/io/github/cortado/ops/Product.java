package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Functions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Products along a dimension: of the eighths of a line, element by element, or of its quarters,
 * then of the parts of what these are; of a short line the products of four neighbours. Gradients
 * are products of the others: no division by an element, which may be 0.
 */
final class Product {
    private static final int FOUR = 4;
    private static final int EIGHT = 8;

    /** Elements of a part that are too few for a loop over them. */
    private static final int FEW = 16;

    /** The gradients by four factors; dy comes last. */
    private static final Formula BY_FOUR =
            Formula.of("prodGrad", FOUR + 1, 0, a -> byFour(a::x, 0, a.x(FOUR)));

    /** The gradients by eight factors; dy comes last. */
    private static final Formula BY_EIGHT =
            Formula.of(
                    "prodGrad",
                    EIGHT + 1,
                    0,
                    a -> {
                        var dy = a.x(EIGHT);
                        var first = a.x(0).mul(a.x(1)).mul(a.x(2).mul(a.x(3)));
                        var second = a.x(4).mul(a.x(5)).mul(a.x(6).mul(a.x(7)));
                        List<Expression> all = new ArrayList<>(byFour(a::x, 0, dy.mul(second)));
                        all.addAll(byFour(a::x, FOUR, dy.mul(first)));
                        return all;
                    });

    private Product() {}

    private static List<Expression> byFour(IntFunction<Expression> x, int at, Expression dy) {
        Expression a = x.apply(at);
        Expression b = x.apply(at + 1);
        Expression c = x.apply(at + 2);
        Expression d = x.apply(at + 3);
        Expression first = dy.mul(c.mul(d));
        Expression second = dy.mul(a.mul(b));
        return List.of(first.mul(b), first.mul(a), second.mul(d), second.mul(c));
    }

    /** The products along dimension d, which has one element then. */
    static Tensor along(Tensor x, int d) {
        Tensor y = x;
        while (y.dim(d) > 1) {
            int rest = y.dim(d) % FOUR;
            y = ofParts(rest == 0 ? y : filledUp(y, d, FOUR - rest), d);
        }
        return y;
    }

    private static Tensor filledUp(Tensor x, int d, int ones) {
        int[] after = new int[x.shape().rank()];
        after[d] = ones;
        return Arrange.pad(x, new int[after.length], after, 1);
    }

    private static Tensor ofParts(Tensor x, int d) {
        Axis line = Max.axis(x.shape(), d);
        boolean areMany = line.n() % EIGHT == 0 && line.n() / EIGHT * line.inner() >= FEW;
        int count = areMany ? EIGHT : FOUR;
        int n = line.n() / count;
        Parts parts =
                n * line.inner() < FEW
                        ? new Parts(new Axis(line.outer() * n, count, line.inner()))
                        : Parts.along(x, d, count);
        Tensor y = x.empty(x.shape().with(d, n));
        parts.run(areMany ? Functions.PRODUCT_OF_EIGHT : Functions.PRODUCT_OF_FOUR, x, y);
        Formula gradients = areMany ? BY_EIGHT : BY_FOUR;
        return Node.record(
                "prod",
                y,
                Edge.to(x, dy -> parts.gradients(gradients, x, dy))
                        .differentiable(dy -> again(x, dy, parts.axis())));
    }

    /** As the formulas have them, recorded. */
    private static Tensor again(Tensor x, Tensor dy, Axis axis) {
        Tensor lines = x.reshape(axis.outer(), axis.n(), axis.inner());
        Tensor[] parts = new Tensor[axis.n()];
        Tensor[] gradients = new Tensor[parts.length];
        Tensor before = dy.reshape(axis.outer(), 1, axis.inner());
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Layout.narrow(lines, 1, i, 1);
            gradients[i] = before;
            before = before.mul(parts[i]);
        }
        Tensor behind = parts[parts.length - 1];
        for (int i = parts.length - 2; i >= 0; i--) {
            gradients[i] = gradients[i].mul(behind);
            behind = behind.mul(parts[i]);
        }
        return Layout.cat(1, gradients).reshape(x.shape().dims());
    }
}
