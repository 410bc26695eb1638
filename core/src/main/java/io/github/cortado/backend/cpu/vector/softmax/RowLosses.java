package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.layout.Lines;
import io.github.cortado.backend.cpu.vector.softmax.Rows.LogSums;

/** Cross-entropy of logits [n, classes]: {@link Rows}, then the losses in double, in order. */
final class RowLosses implements Softmax.Loss {
    private final Rows rows;

    RowLosses(Axis classes) {
        rows = new Rows(classes.outer(), classes.n());
    }

    @Override
    public void run(
            Floats logits, HostBuffer target, Floats probabilities, Floats y, CrossEntropySpec s) {
        LogSums sums = new LogSums(new double[s.n()], new double[s.n()]);
        rows.softmax(logits, probabilities, sums);
        losses(logits, target, sums, y, s);
    }

    private static void losses(
            Floats logits, HostBuffer target, LogSums sums, Floats y, CrossEntropySpec s) {
        double total = 0;
        int counted = 0;
        for (int row = 0; row < s.n(); row++) {
            long t = target(target, row, s);
            double loss = 0;
            if (t >= 0) {
                loss = loss(logits, (int) t, sums, row, s);
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

    /** dx = dy (p - (1 - s) onehot(t) - s / classes), by line; 0 for what is ignored. */
    static void gradient(Floats p, HostBuffer target, Floats dy, Floats dx, CrossEntropySpec s) {
        int lines = s.n() * s.inner();
        int counted = 0;
        for (int line = 0; line < lines; line++) {
            counted += target(target, line, s) >= 0 ? 1 : 0;
        }
        double divisor = s.reduction() == Reduction.MEAN ? counted : 1;
        double uniform = s.labelSmoothing() / s.classes();
        float[] from = p.array();
        float[] to = dx.array();
        Lines.run(
                new Axis(s.n(), s.classes(), s.inner()),
                (start, line) -> {
                    long t = target(target, line, s);
                    double scale = dy.get(s.reduction() == Reduction.NONE ? line : 0) / divisor;
                    for (int c = 0; c < s.classes(); c++) {
                        int at = start + c * s.inner();
                        double wanted = uniform + (c == t ? 1 - s.labelSmoothing() : 0);
                        double slope = scale * (from[p.offset() + at] - wanted);
                        to[dx.offset() + at] = t < 0 ? 0f : (float) slope;
                    }
                });
    }

    /** The class of one line, -1 if it is to be ignored. */
    private static long target(HostBuffer target, int line, CrossEntropySpec s) {
        long t = target.getLong(line);
        if (t == s.ignoreIndex()) {
            return -1;
        }
        if (t < 0 || t >= s.classes()) {
            throw new IllegalArgumentException(
                    "crossEntropy: target "
                            + t
                            + " at position "
                            + line
                            + " is not a class from 0 to "
                            + (s.classes() - 1));
        }
        return t;
    }

    private static double loss(Floats logits, int t, LogSums sums, int row, CrossEntropySpec s) {
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
