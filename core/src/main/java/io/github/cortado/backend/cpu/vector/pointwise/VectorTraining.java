package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.cpu.Parallel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums over rows and Adam over float arrays: one pass each, in fixed chunks. */
public final class VectorTraining {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Rows or elements that are summed in float before their sum is added in double. */
    private static final int BLOCK = 64;

    private VectorTraining() {}

    /** y[o,j] = sum over i of x[o,i,j], inner > 1: rows are added, in double above a block. */
    public static void sumRows(float[] x, int xo, float[] y, int yo, Axis axis) {
        int inner = axis.inner();
        Parallel.forChunks(
                axis.outer(),
                o -> {
                    double[] total = new double[inner];
                    float[] part = new float[inner];
                    int start = xo + o * axis.n() * inner;
                    for (int i = 0; i < axis.n(); i += BLOCK) {
                        Arrays.fill(part, 0f);
                        int end = Math.min(axis.n(), i + BLOCK);
                        for (int row = i; row < end; row++) {
                            addTo(part, x, start + row * inner);
                        }
                        for (int j = 0; j < inner; j++) {
                            total[j] += part[j];
                        }
                    }
                    for (int j = 0; j < inner; j++) {
                        y[yo + o * inner + j] = (float) total[j];
                    }
                });
    }

    private static void addTo(float[] sum, float[] x, int from) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += x[from + j];
        }
    }

    /** One step of Adam over w; see the formula in Backend. */
    public static void adam(
            float[] w,
            int wo,
            float[] g,
            int go,
            float[] m,
            int mo,
            float[] v,
            int vo,
            int n,
            AdamSpec s) {
        Parallel.forRanges(
                n, (i, length) -> adamRun(w, wo + i, g, go + i, m, mo + i, v, vo + i, length, s));
    }

    private static void adamRun(
            float[] w,
            int wo,
            float[] g,
            int go,
            float[] m,
            int mo,
            float[] v,
            int vo,
            int n,
            AdamSpec s) {
        double lr = s.lr().asDouble();
        float beta1 = (float) s.beta1();
        float beta2 = (float) s.beta2();
        float rest1 = (float) (1 - s.beta1());
        float rest2 = (float) (1 - s.beta2());
        float decay = s.decoupled() ? 0f : (float) s.weightDecay();
        float shrink = s.decoupled() ? (float) (1 - lr * s.weightDecay()) : 1f;
        float step = (float) (lr / s.correction1().asDouble());
        float scale = (float) (1 / Math.sqrt(s.correction2().asDouble()));
        float eps = (float) s.eps();
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wo + i);
            FloatVector grad = FloatVector.fromArray(SPECIES, g, go + i);
            grad = weight.lanewise(VectorOperators.FMA, decay, grad);
            weight = weight.mul(shrink);
            FloatVector mean =
                    FloatVector.fromArray(SPECIES, m, mo + i).mul(beta1).add(grad.mul(rest1));
            FloatVector square =
                    FloatVector.fromArray(SPECIES, v, vo + i)
                            .mul(beta2)
                            .add(grad.mul(rest2).mul(grad));
            mean.intoArray(m, mo + i);
            square.intoArray(v, vo + i);
            FloatVector denominator = square.sqrt().mul(scale).add(eps);
            weight.sub(mean.mul(step).div(denominator)).intoArray(w, wo + i);
        }
        for (; i < n; i++) {
            float grad = Math.fma(w[wo + i], decay, g[go + i]);
            float weight = w[wo + i] * shrink;
            float mean = m[mo + i] * beta1 + grad * rest1;
            float square = v[vo + i] * beta2 + grad * rest2 * grad;
            m[mo + i] = mean;
            v[vo + i] = square;
            float denominator = (float) Math.sqrt(square) * scale + eps;
            w[wo + i] = weight - mean * step / denominator;
        }
    }
}
