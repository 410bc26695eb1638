package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import java.util.List;
import java.util.function.UnaryOperator;

/** Functions of one element: y_i = f(x_i). Formulas are in {@link Backend}. */
public final class ElementWise {
    private ElementWise() {}

    @FunctionalInterface
    private interface Forward {
        void run(Backend backend, Buffer x, Buffer y);
    }

    @FunctionalInterface
    private interface Grad {
        void run(Backend backend, Buffer saved, Buffer dy, Buffer dx);
    }

    /** y = e^x. */
    public static Tensor exp(Tensor x) {
        return fromOutput("exp", x, Backend::exp, Backend::expGrad);
    }

    /** y = ln x. */
    public static Tensor log(Tensor x) {
        return fromInput("log", x, Backend::log, Backend::logGrad);
    }

    /** y = x^(1/2). */
    public static Tensor sqrt(Tensor x) {
        return fromOutput("sqrt", x, Backend::sqrt, Backend::sqrtGrad);
    }

    /** y = x^(-1/2). */
    public static Tensor rsqrt(Tensor x) {
        return fromOutput("rsqrt", x, Backend::rsqrt, Backend::rsqrtGrad);
    }

    /** y = max(x, 0). */
    public static Tensor relu(Tensor x) {
        return fromOutput("relu", x, Backend::relu, Backend::reluGrad);
    }

    /**
     * Takes the gradient of y = max(z, 0) to that of z, for operations that end in a ReLU; computed
     * once for every dy, however many edges ask.
     */
    static UnaryOperator<Tensor> reluGrad(Tensor y) {
        Buffer saved = y.buffer();
        Backend backend = y.device().backend();
        Tensor[] last = new Tensor[2];
        return dy -> {
            if (last[0] != dy) {
                last[0] = dy;
                last[1] = apply(backend, Backend::reluGrad, saved, dy);
            }
            return last[1];
        };
    }

    /** dy where y > 0, else 0. */
    static Tensor reluGrad(Tensor y, Tensor dy) {
        return apply(y.device().backend(), Backend::reluGrad, y.buffer(), dy);
    }

    /** y = x where x > 0, else slope x. */
    public static Tensor leakyRelu(Tensor x, double slope) {
        return fromInput(
                "leakyRelu",
                x,
                (b, in, out) -> b.leakyRelu(in, out, slope),
                (b, in, dy, dx) -> b.leakyReluGrad(in, dy, dx, slope));
    }

    /** y = x where x > 0, else alpha (e^x - 1). */
    public static Tensor elu(Tensor x, double alpha) {
        return fromInput(
                "elu",
                x,
                (b, in, out) -> b.elu(in, out, alpha),
                (b, in, dy, dx) -> b.eluGrad(in, dy, dx, alpha));
    }

    /** y = 1 / (1 + e^-x). */
    public static Tensor sigmoid(Tensor x) {
        return fromOutput("sigmoid", x, Backend::sigmoid, Backend::sigmoidGrad);
    }

    /** y = tanh x. */
    public static Tensor tanh(Tensor x) {
        return fromOutput("tanh", x, Backend::tanh, Backend::tanhGrad);
    }

    /** y = x Phi(x). */
    public static Tensor gelu(Tensor x) {
        return fromInput("gelu", x, Backend::gelu, Backend::geluGrad);
    }

    /** y = x sigmoid(x). */
    public static Tensor silu(Tensor x) {
        return fromInput("silu", x, Backend::silu, Backend::siluGrad);
    }

    /** y = ln(1 + e^x). */
    public static Tensor softplus(Tensor x) {
        return fromInput("softplus", x, Backend::softplus, Backend::softplusGrad);
    }

    /** The gradient needs the output: only y is kept. */
    private static Tensor fromOutput(String op, Tensor x, Forward forward, Grad grad) {
        Checks.floating(op, x);
        Tensor y = x.empty(x.shape());
        Backend backend = x.device().backend();
        forward.run(backend, x.buffer(), y.buffer());
        Buffer saved = y.buffer();
        return Node.record(op, y, List.of(y), Edge.to(x, dy -> apply(backend, grad, saved, dy)));
    }

    /** The gradient needs the input: only x is kept. */
    private static Tensor fromInput(String op, Tensor x, Forward forward, Grad grad) {
        Checks.floating(op, x);
        Tensor y = x.empty(x.shape());
        Backend backend = x.device().backend();
        forward.run(backend, x.buffer(), y.buffer());
        return Node.record(op, y, Edge.to(x, dy -> apply(backend, grad, x.buffer(), dy)));
    }

    private static Tensor apply(Backend backend, Grad grad, Buffer saved, Tensor dy) {
        Tensor dx = dy.empty(dy.shape());
        grad.run(backend, saved, dy.buffer(), dx.buffer());
        return dx;
    }
}
