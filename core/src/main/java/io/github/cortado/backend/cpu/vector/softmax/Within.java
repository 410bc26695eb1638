package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.softmax.Step.Work;
import org.jspecify.annotations.Nullable;

/** Softmax over lines of neighbours, lanes within a line: {@link Runs}, some lines at a time. */
final class Within implements Along {
    private static final Step[] SOFTMAX = {
        Runs::max, Runs::exp, Runs::sumY, Totals::invert, Runs::scale
    };
    private static final Step[] WITH_LOGARITHM = {
        Runs::max, Runs::exp, Runs::sumY, Totals::invert, Runs::scale, Totals::log, Totals::addLost
    };
    private static final Step[] LOG_SOFTMAX = {
        Runs::max, Runs::exp, Runs::sumY, Totals::log, Totals::addLost, Runs::minusLog
    };
    private static final Step[] SOFTMAX_GRADIENT = {Runs::sumProducts, Runs::ofSoftmax};
    private static final Step[] LOG_SOFTMAX_GRADIENT = {
        Runs::sumG, Runs::expOfX, Runs::ofLogSoftmax
    };

    /** Elements of a few lines, which stay in the first-level cache from one step to the next. */
    private static final int CHUNK = 1 << 12;

    private final int lines;
    private final int n;

    /** Lines to a chunk. */
    private final int together;

    Within(Axis axis) {
        lines = axis.outer();
        n = axis.n();
        together = Math.max(1, CHUNK / Math.max(1, n));
    }

    @Override
    public void softmax(Floats x, Floats y, @Nullable LogSums found) {
        forSome(
                (first, count) -> {
                    Step[] steps = found == null ? SOFTMAX : WITH_LOGARITHM;
                    Work w = run(steps, first, count, x, x, y);
                    if (found != null) {
                        System.arraycopy(w.max, 0, found.max(), first, count);
                        System.arraycopy(w.factors, 0, found.log(), first, count);
                    }
                });
    }

    @Override
    public void logSoftmax(Floats x, Floats y) {
        forSome((first, count) -> run(LOG_SOFTMAX, first, count, x, x, y));
    }

    @Override
    public void softmaxGrad(Floats y, Floats dy, Floats dx) {
        forSome(
                (first, count) -> {
                    run(SOFTMAX_GRADIENT, first, count, y, dy, dx);
                    dx.ready(first * n, count * n);
                });
    }

    @Override
    public void logSoftmaxGrad(Floats y, Floats dy, Floats dx) {
        forSome(
                (first, count) -> {
                    run(LOG_SOFTMAX_GRADIENT, first, count, y, dy, dx);
                    dx.ready(first * n, count * n);
                });
    }

    /** What is done with {@code count} lines from the first on. */
    @FunctionalInterface
    private interface Some {
        void run(int first, int count);
    }

    private void forSome(Some body) {
        Parallel.forChunks(
                IntMath.ceilDiv(lines, together),
                chunk -> {
                    int first = chunk * together;
                    body.run(first, Math.min(together, lines - first));
                });
    }

    private Work run(Step[] steps, int first, int count, Floats x, Floats g, Floats y) {
        Work w = new Work(of(x, first), of(g, first), of(y, first), count, n, count);
        Step.all(steps, w);
        return w;
    }

    private Panel of(Floats x, int first) {
        return new Panel(x.array(), x.offset() + first * n, n);
    }
}
