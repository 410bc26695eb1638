package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One step of Adam over weights w, gradients g and moments m and v, in one pass. */
record Adam(Floats w, Floats g, Floats m, Floats v, AdamSpec s) {
    /** The step; see the formula in {@link io.github.cortado.backend.Backend#adam}. */
    void run() {
        Parallel.forRanges(w.length(), this::range);
    }

    private void range(int from, int n) {
        float[] w = this.w.array();
        int wo = this.w.offset() + from;
        float[] g = this.g.array();
        int go = this.g.offset() + from;
        float[] m = this.m.array();
        int mo = this.m.offset() + from;
        float[] v = this.v.array();
        int vo = this.v.offset() + from;
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
        for (; i <= n - VL; i += VL) {
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
