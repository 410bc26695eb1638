package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;

/**
 * The classes that lines of logits should be, looked at once as a whole.
 *
 * @param counted lines that are not to be ignored
 */
record Targets(HostBuffer classes, CrossEntropySpec spec, int counted) {
    /** Steps whose sums are added up before these are: the order does not depend on threads. */
    private static final int CHUNK = 1 << 12;

    /** What a loop over lines adds up in one chunk. */
    @FunctionalInterface
    interface Sum {
        double of(int from, int to);
    }

    /**
     * Those of a call.
     *
     * @throws IllegalArgumentException naming the first that is neither a class nor to be ignored
     */
    static Targets of(HostBuffer classes, CrossEntropySpec s) {
        Targets all = new Targets(classes, s, 0);
        double counted =
                all.sum(
                        (from, to) -> {
                            int count = 0;
                            for (int line = from; line < to; line++) {
                                int t = all.at(line);
                                count += t >= 0 ? 1 : 0;
                                if (t == WRONG) {
                                    return Double.NaN;
                                }
                            }
                            return count;
                        });
        if (Double.isNaN(counted)) {
            throw all.wrong();
        }
        return new Targets(classes, s, (int) counted);
    }

    private static final int WRONG = -2;

    /** The class of one line, negative if it is to be ignored. */
    int at(int line) {
        long t = classes.getLong(line);
        if (t == spec.ignoreIndex()) {
            return -1;
        }
        return t < 0 || t >= spec.classes() ? WRONG : (int) t;
    }

    private IllegalArgumentException wrong() {
        int line = 0;
        while (at(line) != WRONG) {
            line++;
        }
        return new IllegalArgumentException(
                "crossEntropy: target "
                        + classes.getLong(line)
                        + " at position "
                        + line
                        + " is not a class from 0 to "
                        + (spec.classes() - 1));
    }

    /** Adds up over all lines, a step each. */
    double sum(Sum f) {
        return sum(1, f);
    }

    /**
     * Adds up over all lines, on all threads: chunks on their own, then their sums in order.
     *
     * @param steps that a line takes
     */
    double sum(int steps, Sum f) {
        int lines = spec.n() * spec.inner();
        int together = Math.max(1, CHUNK / steps);
        double[] sums = new double[IntMath.ceilDiv(lines, together)];
        Parallel.forChunks(
                sums.length,
                chunk -> {
                    int from = chunk * together;
                    sums[chunk] = f.of(from, Math.min(lines, from + together));
                });
        double all = 0;
        for (double sum : sums) {
            all += sum;
        }
        return all;
    }
}
