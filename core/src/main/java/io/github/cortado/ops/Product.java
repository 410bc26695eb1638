package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Functions;
import java.util.ArrayList;
import java.util.List;

/**
 * Products along a dimension: of the quarters of a line, element by element, then of the quarters
 * of what these are; of a short line the products of four neighbours. Gradients are products of the
 * others: no division by an element, which may be 0.
 */
final class Product {
    private static final int PARTS = 4;

    /** Elements of a quarter that are too few for a loop over them. */
    private static final int FEW = 16;

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
        Tensor y = x;
        while (y.dim(d) > 1) {
            int rest = y.dim(d) % PARTS;
            y = ofParts(rest == 0 ? y : filledUp(y, d, PARTS - rest), d);
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
        int n = line.n() / PARTS;
        Axis parts =
                n * line.inner() < FEW
                        ? new Axis(line.outer() * n, PARTS, line.inner())
                        : new Axis(line.outer(), PARTS, n * line.inner());
        Tensor y = x.empty(x.shape().with(d, n));
        if (y.size() > 0) {
            run(x, Functions.PRODUCT_OF_FOUR, parts(x, parts), List.of(y.buffer()), parts);
        }
        return Node.record(
                "prod",
                y,
                Edge.to(x, dy -> gradients(x, dy, parts))
                        .differentiable(dy -> again(x, dy, parts)));
    }

    private static Tensor gradients(Tensor x, Tensor dy, Axis axis) {
        Tensor dx = Internals.newGrad(x);
        if (dy.size() == 0) {
            return dx;
        }
        List<Buffer> inputs = parts(x, axis);
        inputs.add(dy.buffer());
        if (axis.outer() == 1) {
            run(x, GRADIENTS, inputs, parts(dx, axis), axis);
            return dx;
        }
        List<Buffer> each = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            each.add(dy.empty(dy.shape()).buffer());
        }
        run(x, GRADIENTS, inputs, each, axis);
        int[] shape = {axis.outer(), axis.inner()};
        int[] strides = {PARTS * axis.inner(), 1};
        for (int i = 0; i < PARTS; i++) {
            Strided to = new Strided(shape, strides, i * axis.inner());
            dx.device().backend().scatter(each.get(i), dx.buffer(), to);
        }
        return dx;
    }

    /** Where each of the parts begins; between two lines of it lie the others'. */
    private static List<Buffer> parts(Tensor x, Axis axis) {
        List<Buffer> parts = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            int length = x.size() - (PARTS - 1) * axis.inner();
            parts.add(x.buffer().slice(i * axis.inner(), length));
        }
        return parts;
    }

    /** A formula of the parts of x, and of what is as long as one. */
    private static void run(
            Tensor x, Formula formula, List<Buffer> inputs, List<Buffer> outputs, Axis axis) {
        int[][] strides = new int[inputs.size()][];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = new int[] {(i < PARTS ? PARTS : 1) * axis.inner(), 1};
        }
        Broadcast walk = Broadcast.of(new int[] {axis.outer(), axis.inner()}, strides);
        Operands operands = new Operands(inputs, outputs, List.of(), List.of(), walk);
        x.device().backend().pointwise(formula, operands);
    }

    /** As {@link #gradients}, recorded. */
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
