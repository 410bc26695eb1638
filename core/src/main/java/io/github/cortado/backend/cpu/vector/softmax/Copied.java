package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Softmax over long lines of which few lie side by side: each is copied, and then {@link Within}.
 */
final class Copied implements Along {
    private final Axis axis;
    private final Within line;

    Copied(Axis axis) {
        this.axis = axis;
        line = new Within(new Axis(1, axis.n(), 1));
    }

    @Override
    public void softmax(Floats x, Floats y, @Nullable LogSums found) {
        forLines(
                (start, number) -> {
                    LogSums its = found == null ? null : new LogSums(1);
                    Floats to = room(Scratch.RESULTS);
                    line.softmax(copy(x, start, Scratch.LINES), to, its);
                    put(to, y, start);
                    if (found != null && its != null) {
                        found.max()[number] = its.max()[0];
                        found.log()[number] = its.log()[0];
                    }
                });
    }

    @Override
    public void logSoftmax(Floats x, Floats y) {
        forLines(
                (start, number) -> {
                    Floats to = room(Scratch.RESULTS);
                    line.logSoftmax(copy(x, start, Scratch.LINES), to);
                    put(to, y, start);
                });
    }

    @Override
    public void softmaxGrad(Floats y, Floats dy, Floats dx) {
        forLines(
                (start, number) -> {
                    Floats p = copy(y, start, Scratch.LINES);
                    Floats g = copy(dy, start, Scratch.MORE_LINES);
                    Floats to = room(Scratch.RESULTS);
                    line.softmaxGrad(p, g, to);
                    put(to, dx, start);
                });
    }

    @Override
    public void logSoftmaxGrad(Floats y, Floats dy, Floats dx) {
        forLines(
                (start, number) -> {
                    Floats logs = copy(y, start, Scratch.LINES);
                    Floats g = copy(dy, start, Scratch.MORE_LINES);
                    Floats to = room(Scratch.RESULTS);
                    line.logSoftmaxGrad(logs, g, to);
                    put(to, dx, start);
                });
    }

    private interface Line {
        void at(int start, int number);
    }

    private void forLines(Line body) {
        Parallel.forChunks(
                axis.outer() * axis.inner(), number -> body.at(axis.line(number), number));
    }

    private Floats room(Scratch name) {
        return new Floats(name.floats(axis.n()));
    }

    private Floats copy(Floats x, int start, Scratch name) {
        Floats to = room(name);
        float[] in = x.array();
        float[] out = to.array();
        int from = x.offset() + start;
        for (int i = 0; i < axis.n(); i++) {
            out[i] = in[from + i * axis.inner()];
        }
        return to;
    }

    private void put(Floats line, Floats y, int start) {
        float[] in = line.array();
        float[] out = y.array();
        int to = y.offset() + start;
        for (int i = 0; i < axis.n(); i++) {
            out[to + i * axis.inner()] = in[i];
        }
    }
}
