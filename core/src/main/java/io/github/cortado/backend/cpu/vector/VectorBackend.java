package io.github.cortado.backend.cpu.vector;

import static io.github.cortado.backend.cpu.HostMemory.host;
import static io.github.cortado.backend.cpu.vector.VectorLayers.array;
import static io.github.cortado.backend.cpu.vector.VectorLayers.at;

import io.github.cortado.DType;
import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.DropoutSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.cpu.scalar.ScalarTraining;
import io.github.cortado.backend.cpu.vector.pointwise.VectorDropout;
import io.github.cortado.backend.cpu.vector.pointwise.VectorElementWise;
import io.github.cortado.backend.cpu.vector.pointwise.VectorElementWise.Op;
import io.github.cortado.backend.cpu.vector.pointwise.VectorMath;
import io.github.cortado.backend.cpu.vector.pointwise.VectorTraining;
import io.github.cortado.backend.cpu.vector.product.FewRowsProduct;
import io.github.cortado.backend.cpu.vector.product.VectorGemm;
import io.github.cortado.backend.cpu.vector.product.VectorGemm.Epilogue;
import io.github.cortado.backend.cpu.vector.softmax.VectorSoftmax;
import java.util.Arrays;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The fast CPU backend, float32 on the Vector API. What is hot is overridden here and handed to
 * loops over arrays; the rest is inherited from the scalar backend.
 */
public final class VectorBackend extends ScalarBackend implements VectorLayers {
    @Override
    public String name() {
        return "cpu-vector";
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "CPU, Vector API with %d bits, %d threads",
                FloatVector.SPECIES_PREFERRED.vectorBitSize(),
                Parallel.threads());
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype != DType.FLOAT64;
    }

    @Override
    public void fill(Buffer y, double value) {
        if (y.dtype() == DType.FLOAT32) {
            Arrays.fill(array(y), at(y), at(y) + y.length(), (float) value);
        } else {
            super.fill(y, value);
        }
    }

    @Override
    public void add(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.ADD, a, b, y, walk);
    }

    @Override
    public void sub(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.SUB, a, b, y, walk);
    }

    @Override
    public void mul(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.MUL, a, b, y, walk);
    }

    @Override
    public void div(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        zip(Op.DIV, a, b, y, walk);
    }

    private static void zip(Op op, Buffer a, Buffer b, Buffer y, Broadcast walk) {
        if (y.length() > 0) {
            VectorElementWise.zip(op, array(a), at(a), array(b), at(b), array(y), at(y), walk);
        }
    }

    @Override
    public void accumulate(Buffer x, Buffer y) {
        VectorElementWise.accumulate(array(x), at(x), array(y), at(y), y.length());
    }

    @Override
    public void affine(Buffer x, Buffer y, double scale, double shift) {
        VectorElementWise.affine(
                array(x), at(x), array(y), at(y), y.length(), (float) scale, (float) shift);
    }

    @Override
    public void relu(Buffer x, Buffer y) {
        VectorElementWise.relu(array(x), at(x), array(y), at(y), y.length());
    }

    @Override
    public void reluGrad(Buffer y, Buffer dy, Buffer dx) {
        VectorElementWise.reluGrad(
                array(y), at(y), array(dy), at(dy), array(dx), at(dx), dx.length(), 1f);
    }

    @Override
    public void dropoutOfReluGrad(Buffer y, Buffer dy, Buffer dx, double p) {
        float scale = (float) (1 / (1 - p));
        VectorElementWise.reluGrad(
                array(y), at(y), array(dy), at(dy), array(dx), at(dx), dx.length(), scale);
    }

    @Override
    public void exp(Buffer x, Buffer y) {
        map(VectorMath::exp, x, y);
    }

    @Override
    public void log(Buffer x, Buffer y) {
        map(VectorMath::log, x, y);
    }

    @Override
    public void sigmoid(Buffer x, Buffer y) {
        map(VectorMath::sigmoid, x, y);
    }

    @Override
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

    @Override
    public void softmax(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() == 1) {
            VectorSoftmax.softmax(array(x), at(x), array(y), at(y), axis.outer(), axis.n());
        } else {
            super.softmax(x, y, axis);
        }
    }

    @Override
    public void logSoftmax(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() == 1) {
            VectorSoftmax.logSoftmax(array(x), at(x), array(y), at(y), axis.outer(), axis.n());
        } else {
            super.logSoftmax(x, y, axis);
        }
    }

    @Override
    public void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        if (s.inner() != 1) {
            super.crossEntropy(logits, target, probabilities, y, s);
            return;
        }
        ScalarTraining.LogSums sums = ScalarTraining.LogSums.of(s.n());
        float[] p = array(probabilities);
        VectorSoftmax.softmax(
                array(logits), at(logits), p, at(probabilities), s.n(), s.classes(), sums);
        ScalarTraining.losses(host(logits), host(target), sums, host(y), s);
    }

    @Override
    public void sum(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() > 1) {
            VectorTraining.sumRows(array(x), at(x), array(y), at(y), axis);
        } else {
            super.sum(x, y, axis);
        }
    }

    @Override
    public void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        int[] results = new int[s.batch()];
        for (int i = 0; i < results.length; i++) {
            results[i] = at(y) + i * s.m() * s.n();
        }
        VectorGemm.gemmBatched(
                s.batch(),
                s.m(),
                s.n(),
                s.k(),
                array(a),
                shifted(s.aOffsets(), at(a)),
                s.transA() ? s.m() : s.k(),
                s.transA(),
                array(b),
                shifted(s.bOffsets(), at(b)),
                s.transB() ? s.k() : s.n(),
                s.transB(),
                array(y),
                results,
                s.n(),
                false);
    }

    private static int[] shifted(int[] offsets, int by) {
        int[] out = new int[offsets.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = offsets[i] + by;
        }
        return out;
    }

    @Override
    public void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, int m, int n, int k) {
        linear(x, w, y, m, n, k, b == null ? Epilogue.NONE : new Epilogue(array(b), at(b), false));
    }

    @Override
    public void linearRelu(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, int m, int n, int k) {
        if (b == null) {
            super.linearRelu(x, w, null, y, m, n, k);
        } else {
            linear(x, w, y, m, n, k, new Epilogue(array(b), at(b), true));
        }
    }

    private static void linear(Buffer x, Buffer w, Buffer y, int m, int n, int k, Epilogue bias) {
        if (FewRowsProduct.fits(m, k)) {
            new FewRowsProduct(m, n, k, array(x), at(x), array(w), at(w), array(y), at(y), bias)
                    .run();
            return;
        }
        VectorGemm.gemm(
                m, n, k, array(x), at(x), k, false, array(w), at(w), k, true, array(y), at(y), n,
                false, bias);
    }

    @Override
    public void dropout(Buffer x, Buffer y, DropoutSpec s) {
        VectorDropout.dropout(array(x), at(x), array(y), at(y), y.length(), s);
    }

    @Override
    public void adam(Buffer w, Buffer g, Buffer m, Buffer v, AdamSpec s) {
        VectorTraining.adam(
                array(w), at(w), array(g), at(g), array(m), at(m), array(v), at(v), w.length(), s);
    }
}
