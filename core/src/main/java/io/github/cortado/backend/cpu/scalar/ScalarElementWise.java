package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/**
 * Arithmetic and functions of one element, each a line: the arithmetic is double, the result is
 * rounded once. StrictMath has the same bits in the interpreter and in compiled code.
 */
interface ScalarElementWise extends Backend {

    @Override
    default void add(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(a, b, y, walk, (p, q) -> p + q);
    }

    @Override
    default void sub(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(a, b, y, walk, (p, q) -> p - q);
    }

    @Override
    default void mul(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(a, b, y, walk, (p, q) -> p * q);
    }

    @Override
    default void div(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(a, b, y, walk, (p, q) -> p / q);
    }

    @Override
    default void accumulate(Buffer x, Buffer y) {
        zip(x, y, y, (p, q) -> p + q);
    }

    @Override
    default void affine(Buffer x, Buffer y, double scale, double shift) {
        map(x, y, v -> scale * v + shift);
    }

    @Override
    default void exp(Buffer x, Buffer y) {
        map(x, y, StrictMath::exp);
    }

    @Override
    default void expGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> g * v);
    }

    @Override
    default void log(Buffer x, Buffer y) {
        map(x, y, StrictMath::log);
    }

    @Override
    default void logGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(x, dy, dx, (v, g) -> g / v);
    }

    @Override
    default void sqrt(Buffer x, Buffer y) {
        map(x, y, StrictMath::sqrt);
    }

    @Override
    default void sqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> g / (2 * v));
    }

    @Override
    default void rsqrt(Buffer x, Buffer y) {
        map(x, y, v -> 1 / StrictMath.sqrt(v));
    }

    @Override
    default void rsqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> -0.5 * g * v * v * v);
    }

    @Override
    default void relu(Buffer x, Buffer y) {
        map(x, y, v -> v > 0 || Double.isNaN(v) ? v : 0);
    }

    @Override
    default void reluGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> v > 0 ? g : 0);
    }

    @Override
    default void leakyRelu(Buffer x, Buffer y, double slope) {
        map(x, y, v -> v > 0 ? v : slope * v);
    }

    @Override
    default void leakyReluGrad(Buffer x, Buffer dy, Buffer dx, double slope) {
        zip(x, dy, dx, (v, g) -> v > 0 ? g : slope * g);
    }

    @Override
    default void elu(Buffer x, Buffer y, double alpha) {
        map(x, y, v -> v > 0 ? v : alpha * StrictMath.expm1(v));
    }

    @Override
    default void eluGrad(Buffer x, Buffer dy, Buffer dx, double alpha) {
        zip(x, dy, dx, (v, g) -> v > 0 ? g : g * alpha * StrictMath.exp(v));
    }

    @Override
    default void sigmoid(Buffer x, Buffer y) {
        map(x, y, ScalarElementWise::sigmoid);
    }

    @Override
    default void sigmoidGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> g * v * (1 - v));
    }

    @Override
    default void tanh(Buffer x, Buffer y) {
        map(x, y, StrictMath::tanh);
    }

    @Override
    default void tanhGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(y, dy, dx, (v, g) -> g * (1 - v * v));
    }

    @Override
    default void gelu(Buffer x, Buffer y) {
        map(x, y, v -> v * normalDistribution(v));
    }

    @Override
    default void geluGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(x, dy, dx, (v, g) -> g * (normalDistribution(v) + v * normalDensity(v)));
    }

    @Override
    default void silu(Buffer x, Buffer y) {
        map(x, y, v -> v * sigmoid(v));
    }

    @Override
    default void siluGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(x, dy, dx, (v, g) -> g * sigmoid(v) * (1 + v * (1 - sigmoid(v))));
    }

    @Override
    default void softplus(Buffer x, Buffer y) {
        map(x, y, v -> v > 20 ? v : StrictMath.log1p(StrictMath.exp(v)));
    }

    @Override
    default void softplusGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(x, dy, dx, (v, g) -> v > 20 ? g : g * sigmoid(v));
    }

    private static double sigmoid(double v) {
        return 1 / (1 + StrictMath.exp(-v));
    }

    private static double normalDistribution(double v) {
        return Double.isNaN(v) ? v : 0.5 * Erf.erfc(-v / StrictMath.sqrt(2));
    }

    private static double normalDensity(double v) {
        return StrictMath.exp(-0.5 * v * v) / StrictMath.sqrt(2 * StrictMath.PI);
    }

    private static void map(Buffer x, Buffer y, DoubleUnaryOperator f) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        for (int i = 0; i < y.length(); i++) {
            to.set(i, f.applyAsDouble(from.get(i)));
        }
    }

    private static void zip(Buffer a, Buffer b, Buffer y, DoubleBinaryOperator f) {
        HostBuffer left = host(a);
        HostBuffer right = host(b);
        HostBuffer to = host(y);
        for (int i = 0; i < y.length(); i++) {
            to.set(i, f.applyAsDouble(left.get(i), right.get(i)));
        }
    }

    private static void zip(Buffer a, Buffer b, Buffer y, Broadcast walk, DoubleBinaryOperator f) {
        if (y.length() == 0) {
            return;
        }
        HostBuffer left = host(a);
        HostBuffer right = host(b);
        HostBuffer to = host(y);
        int rank = walk.shape().length;
        int[] index = new int[rank];
        int p = 0;
        int q = 0;
        for (int i = 0; i < y.length(); i++) {
            to.set(i, f.applyAsDouble(left.get(p), right.get(q)));
            for (int d = rank - 1; d >= 0; d--) {
                p += walk.aStrides()[d];
                q += walk.bStrides()[d];
                if (++index[d] < walk.shape()[d]) {
                    break;
                }
                p -= walk.aStrides()[d] * index[d];
                q -= walk.bStrides()[d] * index[d];
                index[d] = 0;
            }
        }
    }
}
