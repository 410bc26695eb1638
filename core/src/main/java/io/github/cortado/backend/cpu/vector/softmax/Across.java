package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Strips;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.layout.Strips.Strip;
import io.github.cortado.backend.cpu.vector.softmax.Step.Work;
import org.jspecify.annotations.Nullable;

/** Softmax with a lane for each line: {@link Columns}, strip by strip. */
final class Across implements Along {
    private static final Step[] SOFTMAX = {
        Columns::max, Columns::exp, Columns::sumY, Totals::invert, Columns::scale
    };
    private static final Step[] LOGARITHM = {Totals::log, Totals::addLost};
    private static final Step[] LOG_SOFTMAX = {
        Columns::max, Columns::exp, Columns::sumY, Totals::log, Totals::addLost, Columns::minusLog
    };
    private static final Step[] SOFTMAX_GRADIENT = {
        Columns::sumProducts, Totals::settle, Columns::ofSoftmax
    };
    private static final Step[] LOG_SOFTMAX_GRADIENT = {
        Columns::sumG, Totals::settle, Columns::expOfX, Columns::ofLogSoftmax
    };

    private final Strips strips;

    Across(Axis axis) {
        strips = new Strips(axis);
    }

    @Override
    public void softmax(Floats x, Floats y, @Nullable LogSums found) {
        strips.run(
                strip -> {
                    Work w = run(SOFTMAX, strip, x, null, y);
                    if (found != null) {
                        Step.all(LOGARITHM, w);
                        for (int l = 0; l < strip.lines(); l++) {
                            int line = strip.line(l);
                            found.max()[line] = w.max[l];
                            found.log()[line] = w.factors[l];
                        }
                    }
                });
    }

    @Override
    public void logSoftmax(Floats x, Floats y) {
        strips.run(strip -> run(LOG_SOFTMAX, strip, x, null, y));
    }

    @Override
    public void softmaxGrad(Floats y, Floats dy, Floats dx) {
        strips.run(strip -> run(SOFTMAX_GRADIENT, strip, y, dy, dx));
    }

    @Override
    public void logSoftmaxGrad(Floats y, Floats dy, Floats dx) {
        strips.run(strip -> run(LOG_SOFTMAX_GRADIENT, strip, y, dy, dx));
    }

    private Work run(Step[] steps, Strip strip, Floats x, @Nullable Floats g, Floats y) {
        Panel from = strip.of(x, Scratch.LINES);
        Panel with = g == null ? from : strip.of(g, Scratch.MORE_LINES);
        Panel to = strip.over(y, Scratch.RESULTS);
        int width = strip.width();
        Work w = new Work(from, with, to, strips.length(), width, width);
        Step.all(steps, w);
        strip.put(to, y);
        return w;
    }
}
