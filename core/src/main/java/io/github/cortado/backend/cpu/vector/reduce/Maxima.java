package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.HostBuffer.Longs;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.layout.Lines;
import io.github.cortado.backend.cpu.vector.layout.Strips;
import java.util.Arrays;

/** The largest element of each line along an axis, and which it is; the first NaN wins. */
public final class Maxima {
    /** Neighbours whose maximum is found before it is looked for: both in the first-level cache. */
    private static final int RUN = 4096;

    /** Longer lines are not worth a copy of several, side by side. */
    private static final int LONG = 4096;

    private final Axis axis;

    /** Those along an axis. */
    public Maxima(Axis axis) {
        this.axis = axis;
    }

    /** Takes what was found of a line. */
    @FunctionalInterface
    public interface Found {
        /** Its largest element, and its place along the axis. */
        void of(int line, float value, int place);
    }

    /** y = the largest of each line, index = the first place that has it. */
    void max(Floats x, Floats y, Longs index) {
        float[] to = y.array();
        long[] places = index.array();
        find(
                x,
                (line, value, place) -> {
                    to[y.offset() + line] = value;
                    places[index.offset() + line] = place;
                });
    }

    /** Looks for the largest of each line, on all threads. */
    public void find(Floats x, Found found) {
        if (axis.inner() == 1 && axis.n() >= Lanes.VL) {
            Parallel.forItems(
                    axis.outer(), axis.n(), Parallel.RANGE, line -> within(x, line, found));
        } else if (axis.inner() >= Lanes.VL || axis.n() <= LONG) {
            new Strips(axis).run(strip -> SideBySide.find(x, axis.n(), strip, found));
        } else {
            Lines.run(axis, (start, line) -> oneByOne(x, start, line, found));
        }
    }

    private void within(Floats x, int line, Found found) {
        float[] in = x.array();
        int n = axis.n();
        int start = x.offset() + line * n;
        float max = Neighbours.max(in, start, Math.min(RUN, n));
        int run = 0;
        for (int i = RUN; i < n && !Float.isNaN(max); i += RUN) {
            float next = Neighbours.max(in, start + i, Math.min(RUN, n - i));
            if (next > max || Float.isNaN(next)) {
                max = next;
                run = i;
            }
        }
        int length = Math.min(RUN, n - run);
        int place =
                run
                        + (Float.isNaN(max)
                                ? Neighbours.firstNaN(in, start + run, length)
                                : Neighbours.first(in, start + run, length, max));
        found.of(line, in[start + place], place);
    }

    private void oneByOne(Floats x, int start, int line, Found found) {
        float[] in = x.array();
        int at = x.offset() + start;
        int best = 0;
        float max = in[at];
        for (int i = 1; i < axis.n() && !Float.isNaN(max); i++) {
            float v = in[at + i * axis.inner()];
            if (v > max || Float.isNaN(v)) {
                max = v;
                best = i;
            }
        }
        found.of(line, max, best);
    }

    /** dx = dy at the places that the index says, else 0. */
    void grad(Floats dy, Longs index, Floats dx) {
        float[] g = dy.array();
        float[] to = dx.array();
        long[] places = index.array();
        Parallel.forRanges(
                dx.length(),
                (from, length) -> {
                    int at = dx.offset() + from;
                    Arrays.fill(to, at, at + length, 0f);
                });
        int inner = axis.inner();
        int block = axis.n() * inner;
        Parallel.forRanges(
                dy.length(),
                (from, length) -> {
                    for (int line = from; line < from + length; line++) {
                        int start = dx.offset() + line / inner * block + line % inner;
                        int place = (int) places[index.offset() + line];
                        to[start + place * inner] = g[dy.offset() + line];
                    }
                });
    }
}
