package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.cpu.HostBuffer;

/** Cross-entropy by its formula, in double. */
interface ScalarLosses extends Backend {

    @Override
    default void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        HostBuffer in = host(logits);
        HostBuffer p = host(probabilities);
        LogSums sums = LogSums.of(s.n() * s.inner());
        for (int line = 0; line < sums.log.length; line++) {
            int start = start(s, line);
            double max = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < s.classes(); c++) {
                max = Math.max(max, in.get(start + c * s.inner()));
            }
            double sum = 0;
            for (int c = 0; c < s.classes(); c++) {
                sum += StrictMath.exp(in.get(start + c * s.inner()) - max);
            }
            for (int c = 0; c < s.classes(); c++) {
                int at = start + c * s.inner();
                p.set(at, StrictMath.exp(in.get(at) - max) / sum);
            }
            sums.max[line] = max;
            sums.log[line] = StrictMath.log(sum);
        }
        losses(in, host(target), sums, host(y), s);
    }

    /**
     * Of each line the largest logit, and the logarithm of the sum of the exponentials of logits
     * relative to it. They stay apart: a large maximum would swallow the logarithm.
     */
    @SuppressWarnings("ArrayRecordComponent") // filled by whoever made it, never compared
    record LogSums(double[] max, double[] log) {
        static LogSums of(int lines) {
            return new LogSums(new double[lines], new double[lines]);
        }

        /** The logarithm of the probability that belongs to a logit. */
        double logProbability(double logit, int line) {
            return logit - max[line] - log[line];
        }
    }

    /** The losses of lines. */
    private static void losses(
            HostBuffer logits, HostBuffer target, LogSums sums, HostBuffer y, CrossEntropySpec s) {
        double total = 0;
        int counted = 0;
        for (int line = 0; line < sums.log.length; line++) {
            int start = start(s, line);
            long t = target(target, line, s);
            double loss = 0;
            if (t >= 0) {
                double smooth = s.labelSmoothing();
                double hit = sums.logProbability(logits.get(start + (int) t * s.inner()), line);
                double all = smooth == 0 ? 0 : all(logits, start, sums, line, s);
                loss = -(1 - smooth) * hit - (smooth == 0 ? 0 : smooth / s.classes() * all);
                counted++;
            }
            if (s.reduction() == Reduction.NONE) {
                y.set(line, loss);
            }
            total += loss;
        }
        if (s.reduction() != Reduction.NONE) {
            y.set(0, s.reduction() == Reduction.MEAN ? total / counted : total);
        }
    }

    /** The sum of the logarithms of all probabilities. */
    private static double all(
            HostBuffer logits, int start, LogSums sums, int line, CrossEntropySpec s) {
        double sum = 0;
        for (int c = 0; c < s.classes(); c++) {
            sum += sums.logProbability(logits.get(start + c * s.inner()), line);
        }
        return sum;
    }

    @Override
    default void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec s) {
        HostBuffer p = host(probabilities);
        HostBuffer g = host(dy);
        int lines = s.n() * s.inner();
        int counted = 0;
        for (int line = 0; line < lines; line++) {
            counted += target(host(target), line, s) >= 0 ? 1 : 0;
        }
        double uniform = s.labelSmoothing() / s.classes();
        for (int line = 0; line < lines; line++) {
            long t = target(host(target), line, s);
            double scale = s.reduction() == Reduction.NONE ? g.get(line) : g.get(0);
            if (s.reduction() == Reduction.MEAN) {
                scale /= counted;
            }
            for (int c = 0; c < s.classes(); c++) {
                int at = start(s, line) + c * s.inner();
                double wanted = uniform + (c == t ? 1 - s.labelSmoothing() : 0);
                host(dx).set(at, t < 0 ? 0 : scale * (p.get(at) - wanted));
            }
        }
    }

    @Override
    default void tally(Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec s) {
        HostBuffer in = host(logits);
        HostBuffer sums = host(totals);
        double losses = 0;
        for (int i = 0; i < y.length(); i++) {
            losses += host(y).get(i);
        }
        int hits = 0;
        int counted = 0;
        for (int line = 0; line < s.n() * s.inner(); line++) {
            long t = target(host(target), line, s);
            if (t >= 0) {
                counted++;
                hits += argmax(in, start(s, line), s) == t ? 1 : 0;
            }
        }
        sums.set(0, sums.get(0) + losses);
        sums.set(1, sums.get(1) + hits);
        sums.set(2, sums.get(2) + counted);
    }

    private static int argmax(HostBuffer logits, int start, CrossEntropySpec s) {
        return ScalarReductions.argmax(logits, start, new Axis(s.n(), s.classes(), s.inner()));
    }

    private static int start(CrossEntropySpec s, int line) {
        return line / s.inner() * s.classes() * s.inner() + line % s.inner();
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
}
