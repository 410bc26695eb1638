package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;

import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.DropoutSpec;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.backend.cpu.vector.pointwise.Zip.Op;
import org.jspecify.annotations.Nullable;

/** Element by element, each in one way: arithmetic, functions, dropout and Adam. */
public final class Pointwise {
    /** {@link Backend#add}. */
    public void add(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.ADD, a, b, y, walk);
    }

    /** {@link Backend#sub}. */
    public void sub(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.SUB, a, b, y, walk);
    }

    /** {@link Backend#mul}. */
    public void mul(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.MUL, a, b, y, walk);
    }

    /** {@link Backend#div}. */
    public void div(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.DIV, a, b, y, walk);
    }

    private static void zip(Op op, Buffer a, Buffer b, Buffer y, Broadcast walk) {
        if (y.length() > 0) {
            Zip.run(op, floats(a), floats(b), floats(y), walk);
        }
    }

    /** {@link Backend#accumulate}. */
    public void accumulate(Buffer x, Buffer y) {
        Zip.accumulate(floats(x), floats(y));
    }

    /** {@link Backend#affine}. */
    public void affine(Buffer x, Buffer y, double scale, double shift) {
        ElementWise.affine(floats(x), floats(y), (float) scale, (float) shift);
    }

    /** {@link Backend#relu}. */
    public void relu(Buffer x, Buffer y) {
        ElementWise.relu(floats(x), floats(y));
    }

    /** {@link Backend#reluGrad}. */
    public void reluGrad(Buffer y, Buffer dy, Buffer dx) {
        ElementWise.reluGrad(floats(y), floats(dy), floats(dx), 1f);
    }

    /** {@link Backend#dropoutOfReluGrad}. */
    public void dropoutOfReluGrad(Buffer y, Buffer dy, Buffer dx, double p) {
        ElementWise.reluGrad(floats(y), floats(dy), floats(dx), (float) (1 / (1 - p)));
    }

    /** {@link Backend#exp}. */
    public void exp(Buffer x, Buffer y) {
        Blocks.map(ElementaryFunctions::exp, floats(x), floats(y));
    }

    /** {@link Backend#log}. */
    public void log(Buffer x, Buffer y) {
        Blocks.map(ElementaryFunctions::log, floats(x), floats(y));
    }

    /** {@link Backend#sigmoid}. */
    public void sigmoid(Buffer x, Buffer y) {
        Blocks.map(ElementaryFunctions::sigmoid, floats(x), floats(y));
    }

    /** {@link Backend#tanh}. */
    public void tanh(Buffer x, Buffer y) {
        Blocks.map(ElementaryFunctions::tanh, floats(x), floats(y));
    }

    /** {@link Backend#expGrad}. */
    public void expGrad(Buffer y, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::exp, floats(y), floats(dy), floats(dx));
    }

    /** {@link Backend#logGrad}. */
    public void logGrad(Buffer x, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::log, floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#sqrt}. */
    public void sqrt(Buffer x, Buffer y) {
        Blocks.map(Derivatives::root, floats(x), floats(y));
    }

    /** {@link Backend#sqrtGrad}. */
    public void sqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::sqrt, floats(y), floats(dy), floats(dx));
    }

    /** {@link Backend#rsqrt}. */
    public void rsqrt(Buffer x, Buffer y) {
        Blocks.map(Derivatives::inverseRoot, floats(x), floats(y));
    }

    /** {@link Backend#rsqrtGrad}. */
    public void rsqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::rsqrt, floats(y), floats(dy), floats(dx));
    }

    /** {@link Backend#leakyRelu}. */
    public void leakyRelu(Buffer x, Buffer y, double slope) {
        Blocks.map(Activations.leakyRelu((float) slope), floats(x), floats(y));
    }

    /** {@link Backend#leakyReluGrad}. */
    public void leakyReluGrad(Buffer x, Buffer dy, Buffer dx, double slope) {
        Blocks.zip(Activations.leakyReluGradient((float) slope), floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#elu}. */
    public void elu(Buffer x, Buffer y, double alpha) {
        Blocks.map(Activations.elu((float) alpha), floats(x), floats(y));
    }

    /** {@link Backend#eluGrad}. */
    public void eluGrad(Buffer x, Buffer dy, Buffer dx, double alpha) {
        Blocks.zip(Activations.eluGradient((float) alpha), floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#sigmoidGrad}. */
    public void sigmoidGrad(Buffer y, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::sigmoid, floats(y), floats(dy), floats(dx));
    }

    /** {@link Backend#tanhGrad}. */
    public void tanhGrad(Buffer y, Buffer dy, Buffer dx) {
        Blocks.zip(Derivatives::tanh, floats(y), floats(dy), floats(dx));
    }

    /** {@link Backend#gelu}. */
    public void gelu(Buffer x, Buffer y) {
        Blocks.map(Gelu::gelu, floats(x), floats(y));
    }

    /** {@link Backend#geluGrad}. */
    public void geluGrad(Buffer x, Buffer dy, Buffer dx) {
        Blocks.zip(Gelu::gradient, floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#silu}. */
    public void silu(Buffer x, Buffer y) {
        Blocks.map(Activations::silu, floats(x), floats(y));
    }

    /** {@link Backend#siluGrad}. */
    public void siluGrad(Buffer x, Buffer dy, Buffer dx) {
        Blocks.zip(Activations::siluGradient, floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#softplus}. */
    public void softplus(Buffer x, Buffer y) {
        Blocks.map(Activations::softplus, floats(x), floats(y));
    }

    /** {@link Backend#softplusGrad}. */
    public void softplusGrad(Buffer x, Buffer dy, Buffer dx) {
        Blocks.zip(Activations::softplusGradient, floats(x), floats(dy), floats(dx));
    }

    /** {@link Backend#dropout}. */
    public void dropout(Buffer x, Buffer y, DropoutSpec s) {
        Dropout.run(floats(x), floats(y), s);
    }

    /** {@link Backend#adam}. */
    public void adam(Buffer w, Buffer g, Buffer m, Buffer v, AdamSpec s) {
        new Adam(floats(w), floats(g), floats(m), floats(v), s).run();
    }

    /** {@link Backend#sgd}. */
    public void sgd(Buffer w, Buffer g, @Nullable Buffer velocity, SgdSpec s) {
        new Sgd(floats(w), floats(g), floatsOrNull(velocity), s).run();
    }

    /** {@link Backend#rmsProp}. */
    public void rmsProp(Buffer w, Buffer g, Buffer v, @Nullable Buffer momentum, RmsPropSpec s) {
        new RmsProp(floats(w), floats(g), floats(v), floatsOrNull(momentum), s).run();
    }
}
