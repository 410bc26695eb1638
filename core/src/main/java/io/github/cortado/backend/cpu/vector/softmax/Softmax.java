package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import io.github.cortado.backend.cpu.vector.reduce.Maxima;
import io.github.cortado.backend.cpu.vector.softmax.Along.LogSums;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Softmax, its logarithm, and the loss that is made of it. */
public final class Softmax {
    /** Longer lines are not worth a copy of several, side by side. */
    private static final int LONG = 4096;

    final Ways<Axis, Along> ways =
            new Ways<>(
                    "softmax",
                    () ->
                            List.of(
                                    Way.of("within lines", Softmax::shortOrApart, Within::new),
                                    Way.of("across lines", Softmax::longAndApart, Across::new),
                                    Way.forAll("copied lines", Copied::new)));

    private static @Nullable String shortOrApart(Axis axis) {
        if (axis.inner() != 1) {
            return "what is added up lies " + axis.inner() + " elements apart";
        }
        return axis.n() < Lanes.VL ? "lines of " + axis.n() + " fill no vector" : null;
    }

    private static @Nullable String longAndApart(Axis axis) {
        return axis.inner() < Lanes.VL && axis.n() > LONG
                ? axis.inner() + " lines of " + axis.n() + " side by side fill no vector"
                : null;
    }

    /** {@link Backend#softmax}. */
    public void softmax(Buffer x, Buffer y, Axis axis, boolean log) {
        if (y.length() == 0) {
            return;
        }
        Along along = ways.plan(axis);
        if (log) {
            along.logSoftmax(floats(x), floats(y));
        } else {
            along.softmax(floats(x), floats(y), null);
        }
    }

    /** Whether lines are still in a core's cache when their softmax follows. */
    public boolean follows(Axis axis) {
        return axis.n() <= Lines.LONGEST;
    }

    /** {@link Backend#softmaxOf}, of lines that {@linkplain #follows follow}. */
    public boolean softmaxOf(Consumer<Buffer> first, Buffer y, Axis axis, boolean log) {
        Lines lines = new Lines(ways, floats(y), axis.n(), log);
        first.accept(floats(y).followedBy(lines));
        return lines.finish();
    }

    /** {@link Backend#softmaxGrad}. */
    public void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis, boolean log) {
        if (dx.length() == 0) {
            return;
        }
        Along along = ways.plan(axis);
        if (log) {
            along.logSoftmaxGrad(floats(y), floats(dy), floats(dx));
        } else {
            along.softmaxGrad(floats(y), floats(dy), floats(dx));
        }
    }

    /** {@link Backend#crossEntropy}. */
    public void crossEntropy(
            Buffer logits,
            Buffer target,
            Buffer y,
            @Nullable Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec s) {
        Targets targets = Targets.of(host(target), s);
        Losses losses = new Losses(targets, s);
        LogSums sums = new LogSums(s.n() * s.inner());
        Floats p =
                dx == null ? new Floats(Scratch.PROBABILITIES.floats(logits.length())) : floats(dx);
        ways.plan(new Axis(s.n(), s.classes(), s.inner())).softmax(floats(logits), p, sums);
        losses.losses(floats(logits), sums, floats(y));
        if (dx != null) {
            losses.gradient(p);
        }
        if (totals != null) {
            tally(targets, floats(logits), floats(y), host(totals), s);
        }
    }

    private static void tally(
            Targets targets, Floats logits, Floats y, HostBuffer totals, CrossEntropySpec s) {
        int[] places = new int[s.n() * s.inner()];
        if (logits.length() > 0) {
            new Maxima(new Axis(s.n(), s.classes(), s.inner()))
                    .find(logits, (line, value, place) -> places[line] = place);
        }
        double hits =
                targets.sum(
                        (from, to) -> {
                            int count = 0;
                            for (int line = from; line < to; line++) {
                                count += places[line] == targets.at(line) ? 1 : 0;
                            }
                            return count;
                        });
        double losses = 0;
        for (int i = 0; i < y.length(); i++) {
            losses += y.get(i);
        }
        totals.set(0, totals.get(0) + losses);
        totals.set(1, totals.get(1) + hits);
        totals.set(2, totals.get(2) + targets.counted());
    }
}
