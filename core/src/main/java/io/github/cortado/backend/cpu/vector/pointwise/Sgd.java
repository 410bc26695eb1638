package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import org.jspecify.annotations.Nullable;

/**
 * One step of stochastic gradient descent over weights w and gradients g, with a velocity or
 * without. In double: it is bound by memory all the same.
 */
record Sgd(Floats w, Floats g, @Nullable Floats velocity, SgdSpec s) {
    /** The step; see the formula in {@link io.github.cortado.backend.Backend#sgd}. */
    void run() {
        Floats velocity = this.velocity;
        double lr = s.lr().asDouble();
        Parallel.forRanges(
                w.length(),
                (from, n) -> {
                    if (velocity == null) {
                        plain(from, n, lr);
                    } else {
                        withMomentum(velocity, from, n, lr);
                    }
                });
    }

    private void plain(int from, int n, double lr) {
        float[] w = this.w.array();
        int wo = this.w.offset() + from;
        float[] g = this.g.array();
        int go = this.g.offset() + from;
        double decay = s.weightDecay();
        for (int i = 0; i < n; i++) {
            double weight = w[wo + i];
            double grad = g[go + i] + decay * weight;
            w[wo + i] = (float) (weight - lr * grad);
        }
    }

    private void withMomentum(Floats velocity, int from, int n, double lr) {
        float[] w = this.w.array();
        int wo = this.w.offset() + from;
        float[] g = this.g.array();
        int go = this.g.offset() + from;
        float[] v = velocity.array();
        int vo = velocity.offset() + from;
        double decay = s.weightDecay();
        double momentum = s.momentum();
        double rest = 1 - s.dampening();
        boolean first = s.first();
        boolean nesterov = s.nesterov();
        for (int i = 0; i < n; i++) {
            double weight = w[wo + i];
            double grad = g[go + i] + decay * weight;
            double next = first ? grad : momentum * v[vo + i] + rest * grad;
            v[vo + i] = (float) next;
            double step = nesterov ? grad + momentum * next : next;
            w[wo + i] = (float) (weight - lr * step);
        }
    }
}
