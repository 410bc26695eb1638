package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import java.util.List;

/** Sum, difference, product and quotient with broadcasting. */
public final class Arithmetic {
    private Arithmetic() {}

    @FunctionalInterface
    private interface Binary {
        void run(Backend backend, Buffer a, Buffer b, Buffer y, Broadcast walk);
    }

    /** y = a + b; da = dy, db = dy, summed over stretched dimensions. */
    public static Tensor add(Tensor a, Tensor b) {
        Tensor y = apply("add", a, b, Backend::add);
        return Node.record(
                "add",
                y,
                Edge.to(a, dy -> Reduce.sumTo(dy, a.shape())),
                Edge.to(b, dy -> Reduce.sumTo(dy, b.shape())));
    }

    /** y = a - b; da = dy, db = -dy. */
    public static Tensor sub(Tensor a, Tensor b) {
        Tensor y = apply("sub", a, b, Backend::sub);
        return Node.record(
                "sub",
                y,
                Edge.to(a, dy -> Reduce.sumTo(dy, a.shape())),
                Edge.to(b, dy -> Reduce.sumTo(dy, b.shape()).neg()));
    }

    /** y = a b; da = dy b, db = dy a. */
    public static Tensor mul(Tensor a, Tensor b) {
        Tensor y = apply("mul", a, b, Backend::mul);
        return Node.record(
                "mul",
                y,
                Edge.to(a, dy -> Reduce.sumTo(dy.mul(b.detach()), a.shape())),
                Edge.to(b, dy -> Reduce.sumTo(dy.mul(a.detach()), b.shape())));
    }

    /** y = a / b; da = dy / b, db = -dy (a / b) / b, as PyTorch multiplies. */
    public static Tensor div(Tensor a, Tensor b) {
        Tensor y = apply("div", a, b, Backend::div);
        Tensor quotient = y.detach();
        return Node.record(
                "div",
                y,
                List.of(y),
                Edge.to(a, dy -> Reduce.sumTo(dy.div(b.detach()), a.shape())),
                Edge.to(b, dy -> Reduce.sumTo(dy.mul(quotient.div(b.detach())).neg(), b.shape())));
    }

    private static Tensor apply(String op, Tensor a, Tensor b, Binary binary) {
        Checks.compatible(op, a, b);
        Shape shape = Shape.broadcast(op, a.shape(), b.shape());
        Tensor y = a.empty(shape);
        binary.run(
                a.device().backend(),
                a.buffer(),
                b.buffer(),
                y.buffer(),
                Broadcast.of(a.shape(), b.shape(), shape));
        return y;
    }

    /** y = factor x; dx = factor dy. */
    public static Tensor mul(Tensor x, double factor) {
        return affine(x, factor, -0.0);
    }

    /**
     * y = x / divisor; dx = dy / divisor. A product with the reciprocal would round twice, and
     * overflow for a small divisor.
     */
    public static Tensor div(Tensor x, double divisor) {
        Checks.floating("div", x);
        Tensor y = x.empty(x.shape());
        Backend backend = x.device().backend();
        Tensor number = x.empty(Shape.of());
        backend.fill(number.buffer(), divisor);
        backend.div(
                x.buffer(),
                number.buffer(),
                y.buffer(),
                Broadcast.of(x.shape(), number.shape(), y.shape()));
        number.buffer().release("it was the divisor of one division");
        return Node.record("div", y, Edge.to(x, dy -> div(dy, divisor)));
    }

    /** y = scale x + shift; dx = scale dy. Shift -0.0 leaves the sign of 0 as it is. */
    public static Tensor affine(Tensor x, double scale, double shift) {
        Checks.floating("affine", x);
        Tensor y = x.empty(x.shape());
        x.device().backend().affine(x.buffer(), y.buffer(), scale, shift);
        return Node.record("affine", y, Edge.to(x, dy -> mul(dy, scale)));
    }
}
