package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.softmax.Rows.LogSums;

/** Cross-entropy of logits [n, classes]: {@link Rows}, then the losses in double, in order. */
final class RowLosses implements Softmax.Loss {
    private final CrossEntropySpec s;
    private final Rows rows;

    RowLosses(CrossEntropySpec s) {
        this.s = s;
        this.rows = new Rows(s.n(), s.classes());
    }

    @Override
    public void run(Floats logits, HostBuffer target, Floats probabilities, Floats y) {
        LogSums sums = new LogSums(new double[s.n()], new double[s.n()]);
        rows.softmax(logits, probabilities, sums);
        losses(logits, target, sums, y);
    }

    private void losses(Floats logits, HostBuffer target, LogSums sums, Floats y) {
        double total = 0;
        int counted = 0;
        for (int row = 0; row < s.n(); row++) {
            long t = target.getLong(row);
            double loss = 0;
            if (t != s.ignoreIndex()) {
                check(t, row);
                loss = loss(logits, (int) t, sums, row);
                counted++;
            }
            if (s.reduction() == Reduction.NONE) {
                y.set(row, loss);
            }
            total += loss;
        }
        if (s.reduction() != Reduction.NONE) {
            y.set(0, s.reduction() == Reduction.MEAN ? total / counted : total);
        }
    }

    private void check(long t, int row) {
        if (t < 0 || t >= s.classes()) {
            throw new IllegalArgumentException(
                    "crossEntropy: target "
                            + t
                            + " at position "
                            + row
                            + " is not a class from 0 to "
                            + (s.classes() - 1));
        }
    }

    private double loss(Floats logits, int t, LogSums sums, int row) {
        int start = row * s.classes();
        double max = sums.max()[row];
        double log = sums.log()[row];
        double smooth = s.labelSmoothing();
        double hit = logits.get(start + t) - max - log;
        double spread = 0;
        if (smooth != 0) {
            double all = 0;
            for (int c = 0; c < s.classes(); c++) {
                all += logits.get(start + c) - max - log;
            }
            spread = smooth / s.classes() * all;
        }
        return -(1 - smooth) * hit - spread;
    }
}
