package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Strips;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.layout.Strips.Strip;
import io.github.cortado.backend.cpu.vector.softmax.Along.LogSums;
import java.util.Arrays;

/** Cross-entropy, of what softmax found of each line: losses in double, gradients on vectors. */
final class Losses {
    /** Elements per chunk of parallel work. */
    private static final int CHUNK = 1 << 13;

    private final CrossEntropySpec s;
    private final Targets targets;

    Losses(Targets targets, CrossEntropySpec s) {
        this.targets = targets;
        this.s = s;
    }

    /** y = the losses, as they are to be reduced. */
    void losses(Floats logits, LogSums sums, Floats y) {
        boolean each = s.reduction() == Reduction.NONE;
        double total =
                targets.sum(
                        s.labelSmoothing() == 0 ? 1 : s.classes(),
                        (from, to) -> {
                            double sum = 0;
                            for (int line = from; line < to; line++) {
                                int t = targets.at(line);
                                double loss = t < 0 ? 0 : loss(logits, line, t, sums);
                                if (each) {
                                    y.set(line, loss);
                                }
                                sum += loss;
                            }
                            return sum;
                        });
        if (!each) {
            y.set(0, s.reduction() == Reduction.MEAN ? total / targets.counted() : total);
        }
    }

    private double loss(Floats logits, int line, int t, LogSums sums) {
        int inner = s.inner();
        int start = line / inner * s.classes() * inner + line % inner;
        double max = sums.max()[line];
        double log = sums.log()[line];
        double smooth = s.labelSmoothing();
        double hit = logits.get(start + t * inner) - max - log;
        double spread = 0;
        if (smooth != 0) {
            double all = belowMax(logits, start, max) - s.classes() * log;
            spread = smooth / s.classes() * all;
        }
        return -(1 - smooth) * hit - spread;
    }

    /** The sum of x - max over a line. */
    private double belowMax(Floats logits, int start, double max) {
        int at = logits.offset() + start;
        if (s.inner() == 1) {
            double sum = Runs.sum(logits.array(), at, s.classes());
            if (Double.isFinite(sum)) {
                return sum - s.classes() * max;
            }
        }
        return belowMax(logits.array(), at, max);
    }

    /** In four parts, none of which waits for another. */
    private double belowMax(float[] x, int at, double max) {
        int n = s.classes();
        int apart = s.inner();
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int k = 0;
        for (; k <= n - 4; k += 4) {
            a += x[at] - max;
            b += x[at + apart] - max;
            c += x[at + 2 * apart] - max;
            d += x[at + 3 * apart] - max;
            at += 4 * apart;
        }
        for (; k < n; k++) {
            a += x[at] - max;
            at += apart;
        }
        return a + b + (c + d);
    }

    /** p becomes scale (p - (1 - s) onehot(t) - s / classes); 0 for what is ignored. */
    void gradient(Floats p) {
        double scale = s.reduction() == Reduction.MEAN ? 1.0 / targets.counted() : 1;
        if (s.inner() == 1) {
            Parallel.forItems(s.n(), s.classes(), CHUNK, line -> gradientWithin(p, scale, line));
        } else {
            new Strips(new Axis(s.n(), s.classes(), s.inner()))
                    .run(strip -> gradientAcross(p, scale, strip));
        }
    }

    private void gradientWithin(Floats p, double scale, int line) {
        int n = s.classes();
        float[] to = p.array();
        int at = p.offset() + line * n;
        int t = targets.at(line);
        if (t < 0) {
            Arrays.fill(to, at, at + n, 0f);
            return;
        }
        float hit = hit(scale, p.get(line * n + t));
        double spread = s.labelSmoothing() / n;
        Runs.lessTimes(to, at, spread, (float) scale, to, at, n);
        to[at + t] = hit;
    }

    private float hit(double scale, double p) {
        double wanted = s.labelSmoothing() / s.classes() + 1 - s.labelSmoothing();
        return (float) (scale * (p - wanted));
    }

    private void gradientAcross(Floats p, double scale, Strip strip) {
        int width = strip.width();
        Panel from = strip.of(p, Scratch.LINES);
        Panel to = strip.over(p, Scratch.RESULTS);
        float[] scales = Scratch.FACTORS.floats(2 * width);
        float[] hits = Scratch.VALUES.floats(strip.lines());
        // What the targets' elements become is found before they are overwritten.
        for (int l = 0; l < strip.lines(); l++) {
            int line = strip.line(l);
            int t = targets.at(line);
            scales[l] = t < 0 ? 0f : (float) scale;
            scales[width + l] = t < 0 ? 0f : 1f;
            hits[l] = t < 0 ? 0f : hit(scale, from.array()[from.row(t) + l]);
        }
        double spread = s.labelSmoothing() / s.classes();
        for (int c = 0; c < s.classes(); c++) {
            Columns.lessTimes(
                    from.array(), from.row(c), spread, scales, to.array(), to.row(c), width);
        }
        for (int l = 0; l < strip.lines(); l++) {
            int t = targets.at(strip.line(l));
            if (t >= 0) {
                to.array()[to.row(t) + l] = hits[l];
            }
        }
        strip.put(to, p);
    }
}
