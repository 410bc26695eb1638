package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import io.github.cortado.backend.cpu.vector.reduce.Maxima;
import io.github.cortado.backend.cpu.vector.softmax.Along.LogSums;
import java.util.List;
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
    public void softmax(Buffer x, Buffer y, Axis axis) {
        if (y.length() > 0) {
            ways.plan(axis).softmax(floats(x), floats(y), null);
        }
    }

    /** {@link Backend#logSoftmax}. */
    public void logSoftmax(Buffer x, Buffer y, Axis axis) {
        if (y.length() > 0) {
            ways.plan(axis).logSoftmax(floats(x), floats(y));
        }
    }

    /** {@link Backend#softmaxGrad}. */
    public void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        if (dx.length() > 0) {
            ways.plan(axis).softmaxGrad(floats(y), floats(dy), floats(dx));
        }
    }

    /** {@link Backend#logSoftmaxGrad}. */
    public void logSoftmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        if (dx.length() > 0) {
            ways.plan(axis).logSoftmaxGrad(floats(y), floats(dy), floats(dx));
        }
    }

    /** {@link Backend#crossEntropy}. */
    public void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        Losses losses = new Losses(host(target), s);
        LogSums sums = new LogSums(s.n() * s.inner());
        ways.plan(new Axis(s.n(), s.classes(), s.inner()))
                .softmax(floats(logits), floats(probabilities), sums);
        losses.losses(floats(logits), sums, floats(y));
    }

    /** {@link Backend#crossEntropyGrad}. */
    public void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec s) {
        new Losses(host(target), s).gradient(floats(probabilities), floats(dy), floats(dx));
    }

    /** {@link Backend#tally}. */
    public void tally(Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec s) {
        Targets targets = Targets.of(host(target), s);
        int[] places = new int[s.n() * s.inner()];
        if (logits.length() > 0) {
            new Maxima(new Axis(s.n(), s.classes(), s.inner()))
                    .find(floats(logits), (line, value, place) -> places[line] = place);
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
            losses += host(y).get(i);
        }
        HostBuffer sums = host(totals);
        sums.set(0, sums.get(0) + losses);
        sums.set(1, sums.get(1) + hits);
        sums.set(2, sums.get(2) + targets.counted());
    }
}
