package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;

import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.DropoutSpec;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.vector.pointwise.VectorElementWise.Op;

/** Element by element: arithmetic, functions, dropout and Adam. */
public final class Pointwise {
    public void add(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.ADD, a, b, y, walk);
    }

    public void sub(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.SUB, a, b, y, walk);
    }

    public void mul(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.MUL, a, b, y, walk);
    }

    public void div(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.DIV, a, b, y, walk);
    }

    private static void zip(Op op, Buffer a, Buffer b, Buffer y, Broadcast walk) {
        if (y.length() > 0) {
            VectorElementWise.zip(op, array(a), at(a), array(b), at(b), array(y), at(y), walk);
        }
    }

    public void accumulate(Buffer x, Buffer y) {
        VectorElementWise.accumulate(array(x), at(x), array(y), at(y), y.length());
    }

    public void affine(Buffer x, Buffer y, double scale, double shift) {
        VectorElementWise.affine(
                array(x), at(x), array(y), at(y), y.length(), (float) scale, (float) shift);
    }

    public void relu(Buffer x, Buffer y) {
        VectorElementWise.relu(array(x), at(x), array(y), at(y), y.length());
    }

    public void reluGrad(Buffer y, Buffer dy, Buffer dx) {
        VectorElementWise.reluGrad(
                array(y), at(y), array(dy), at(dy), array(dx), at(dx), dx.length(), 1f);
    }

    public void dropoutOfReluGrad(Buffer y, Buffer dy, Buffer dx, double p) {
        float scale = (float) (1 / (1 - p));
        VectorElementWise.reluGrad(
                array(y), at(y), array(dy), at(dy), array(dx), at(dx), dx.length(), scale);
    }

    public void exp(Buffer x, Buffer y) {
        map(VectorMath::exp, x, y);
    }

    public void log(Buffer x, Buffer y) {
        map(VectorMath::log, x, y);
    }

    public void sigmoid(Buffer x, Buffer y) {
        map(VectorMath::sigmoid, x, y);
    }

    public void tanh(Buffer x, Buffer y) {
        map(VectorMath::tanh, x, y);
    }

    /** A function of VectorMath: y[yOff + i] = f(x[xOff + i]) for i below length. */
    @FunctionalInterface
    private interface RangeFunction {
        void apply(float[] x, int xOff, float[] y, int yOff, int length);
    }

    private static void map(RangeFunction f, Buffer x, Buffer y) {
        Parallel.forRanges(
                y.length(), (i, n) -> f.apply(array(x), at(x) + i, array(y), at(y) + i, n));
    }

    public void dropout(Buffer x, Buffer y, DropoutSpec s) {
        VectorDropout.dropout(array(x), at(x), array(y), at(y), y.length(), s);
    }

    public void adam(Buffer w, Buffer g, Buffer m, Buffer v, AdamSpec s) {
        VectorTraining.adam(
                array(w), at(w), array(g), at(g), array(m), at(m), array(v), at(v), w.length(), s);
    }
}
