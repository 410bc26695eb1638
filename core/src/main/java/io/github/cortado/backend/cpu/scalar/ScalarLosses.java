package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/** Cross-entropy by its formula, in double. */
interface ScalarLosses extends Backend {

    @Override
    default void crossEntropy(
            Buffer logits,
            Buffer target,
            Buffer y,
            @Nullable Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec s) {
        Lines lines = new Lines(host(logits), host(target), s);
        losses(lines, host(y), s);
        if (dx != null) {
            gradient(lines, host(dx), s);
        }
        if (totals != null) {
            tally(lines, host(y), host(totals), s);
        }
    }

    /** Lines of logits with their targets. */
    final class Lines {
        final int count;
        private final HostBuffer logits;
        private final HostBuffer target;
        private final CrossEntropySpec s;
        private final double[] max;
        private final double[] sum;
        private final double[] log;

        Lines(HostBuffer logits, HostBuffer target, CrossEntropySpec s) {
            this.logits = logits;
            this.target = target;
            this.s = s;
            count = s.n() * s.inner();
            max = new double[count];
            sum = new double[count];
            log = new double[count];
            for (int line = 0; line < count; line++) {
                max[line] = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < s.classes(); c++) {
                    max[line] = Math.max(max[line], logits.get(place(line, c)));
                }
                for (int c = 0; c < s.classes(); c++) {
                    sum[line] += StrictMath.exp(logits.get(place(line, c)) - max[line]);
                }
                log[line] = StrictMath.log(sum[line]);
            }
        }

        int place(int line, int c) {
            return (line / s.inner() * s.classes() + c) * s.inner() + line % s.inner();
        }

        double probability(int line, int c) {
            return StrictMath.exp(logits.get(place(line, c)) - max[line]) / sum[line];
        }

        /** The two logarithms stay apart: a large maximum would swallow that of the sum. */
        double logProbability(int line, int c) {
            return logits.get(place(line, c)) - max[line] - log[line];
        }

        /** The first largest logit. */
        int best(int line) {
            Axis classes = new Axis(s.n(), s.classes(), s.inner());
            return ScalarReductions.argmax(logits, place(line, 0), classes);
        }

        /** The class of one line, -1 if it is to be ignored. */
        int target(int line) {
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
            return (int) t;
        }

        /** Targets that are not ignored. */
        int counted() {
            int counted = 0;
            for (int line = 0; line < count; line++) {
                counted += target(line) >= 0 ? 1 : 0;
            }
            return counted;
        }
    }

    private static void losses(Lines lines, HostBuffer y, CrossEntropySpec s) {
        double smooth = s.labelSmoothing();
        double total = 0;
        for (int line = 0; line < lines.count; line++) {
            int t = lines.target(line);
            double loss = 0;
            if (t >= 0) {
                double all = 0;
                for (int c = 0; c < s.classes() && smooth != 0; c++) {
                    all += lines.logProbability(line, c);
                }
                loss = -(1 - smooth) * lines.logProbability(line, t) - smooth / s.classes() * all;
            }
            if (s.reduction() == Reduction.NONE) {
                y.set(line, loss);
            }
            total += loss;
        }
        if (s.reduction() != Reduction.NONE) {
            y.set(0, s.reduction() == Reduction.MEAN ? total / lines.counted() : total);
        }
    }

    private static void gradient(Lines lines, HostBuffer dx, CrossEntropySpec s) {
        double scale = s.reduction() == Reduction.MEAN ? 1.0 / lines.counted() : 1;
        double uniform = s.labelSmoothing() / s.classes();
        for (int line = 0; line < lines.count; line++) {
            int t = lines.target(line);
            for (int c = 0; c < s.classes(); c++) {
                double wanted = uniform + (c == t ? 1 - s.labelSmoothing() : 0);
                double v = t < 0 ? 0 : scale * (lines.probability(line, c) - wanted);
                dx.set(lines.place(line, c), v);
            }
        }
    }

    private static void tally(Lines lines, HostBuffer y, HostBuffer totals, CrossEntropySpec s) {
        double losses = 0;
        for (int i = 0; i < (s.reduction() == Reduction.NONE ? lines.count : 1); i++) {
            losses += y.get(i);
        }
        int hits = 0;
        for (int line = 0; line < lines.count; line++) {
            int t = lines.target(line);
            hits += t >= 0 && lines.best(line) == t ? 1 : 0;
        }
        totals.set(0, totals.get(0) + losses);
        totals.set(1, totals.get(1) + hits);
        totals.set(2, totals.get(2) + lines.counted());
    }
}
