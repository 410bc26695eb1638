package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import org.jspecify.annotations.Nullable;

/**
 * One step of RMSprop over weights w, gradients g and averages v of their squares, with momentum or
 * without. In double, as its roots and divisions take long in float, too.
 */
record RmsProp(Floats w, Floats g, Floats v, @Nullable Floats momentum, RmsPropSpec s) {
    /** The step; see the formula in {@link io.github.cortado.backend.Backend#rmsProp}. */
    void run() {
        Parallel.forRanges(w.length(), this::range);
    }

    private void range(int from, int n) {
        float[] w = this.w.array();
        int wo = this.w.offset() + from;
        float[] g = this.g.array();
        int go = this.g.offset() + from;
        float[] v = this.v.array();
        int vo = this.v.offset() + from;
        float @Nullable [] u = momentum == null ? null : momentum.array();
        int uo = momentum == null ? 0 : momentum.offset() + from;
        double lr = s.lr().asDouble();
        double decay = s.weightDecay();
        double alpha = s.alpha();
        double rest = 1 - s.alpha();
        double eps = s.eps();
        for (int i = 0; i < n; i++) {
            double weight = w[wo + i];
            double grad = g[go + i] + decay * weight;
            double square = alpha * v[vo + i] + rest * grad * grad;
            v[vo + i] = (float) square;
            double step = grad / (Math.sqrt(square) + eps);
            if (u != null) {
                step += s.momentum() * u[uo + i];
                u[uo + i] = (float) step;
            }
            w[wo + i] = (float) (weight - lr * step);
        }
    }
}
