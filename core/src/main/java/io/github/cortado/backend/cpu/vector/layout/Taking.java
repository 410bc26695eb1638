package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.HostBuffer.Longs;
import io.github.cortado.backend.cpu.Indices;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.Fill;

/**
 * Elements along an axis by number, each line with numbers of its own, and the sums of gradients.
 */
public final class Taking {
    /** Columns of a line that one thread works on, beside each other in memory. */
    private static final int COLUMNS = 64;

    /** Numbers of a chunk: an element by number takes as long as some neighbours. */
    static final int CHUNK = Parallel.RANGE / 4;

    /** Lines of an item, where each has one number. */
    private static final int LINES = 1024;

    private Taking() {}

    /** {@link Backend#take}. */
    public static void of(Buffer x, Longs index, Buffer y, Axis axis) {
        if (haveOne(axis, index) && host(x) instanceof Floats f && host(y) instanceof Floats g) {
            forLines(
                    "gather",
                    axis,
                    index,
                    (line, count) -> {
                        for (int o = line; o < line + count; o++) {
                            int i = (int) index.array()[index.offset() + o];
                            g.array()[g.offset() + o] = f.array()[f.offset() + o * axis.n() + i];
                        }
                    });
            return;
        }
        move("gather", host(x), index, host(y), axis, false);
    }

    /** {@link Backend#put}: each column is one thread's, whatever points to it. */
    public static void put(Buffer x, Longs index, Buffer y, Axis axis) {
        move("scatter", host(y), index, host(x), axis, true);
    }

    /** Elements from where numbers point to into rows of picks; or the other way, which puts. */
    private static void move(
            String op, HostBuffer lines, Longs index, HostBuffer picked, Axis axis, boolean puts) {
        Elements elements = puts ? Elements.of(picked, lines) : Elements.of(lines, picked);
        long[] numbers = index.array();
        forParts(
                op,
                axis,
                index,
                (o, first, end, picks) -> {
                    int line = lines.offset() + o * axis.n() * axis.inner();
                    if (axis.inner() == 1
                            && lines instanceof Floats f
                            && picked instanceof Floats g) {
                        int row = o * picks;
                        int from = index.offset() + row;
                        int at = g.offset() + row;
                        if (puts) {
                            put(g.array(), at, numbers, from, f.array(), line, picks);
                        } else {
                            pick(f.array(), line, numbers, from, g.array(), at, picks);
                        }
                        return;
                    }
                    for (int k = 0; k < picks; k++) {
                        int row = (o * picks + k) * axis.inner();
                        for (int j = first; j < end; j++) {
                            int i = (int) numbers[index.offset() + row + j];
                            int place = line + i * axis.inner() + j;
                            int at = picked.offset() + row + j;
                            elements.copy(puts ? at : place, puts ? place : at, 1);
                        }
                    }
                });
    }

    /** Of one line, the elements that so many numbers name. */
    static void pick(float[] x, int p, long[] numbers, int from, float[] y, int q, int picks) {
        for (int k = 0; k < picks; k++) {
            y[q + k] = x[p + (int) numbers[from + k]];
        }
    }

    /** To one line's elements that so many numbers name, those of dy added. */
    static void add(float[] dy, int q, long[] numbers, int from, float[] dx, int p, int picks) {
        for (int k = 0; k < picks; k++) {
            dx[p + (int) numbers[from + k]] += dy[q + k];
        }
    }

    /** {@link Backend#takeGrad}: each column is one thread's, whatever points to it. */
    public static void gradient(Floats dy, Longs index, Floats dx, Axis axis) {
        Parallel.forRanges(
                dx.length(), (from, n) -> Fill.run(dx.array(), dx.offset() + from, n, 0f));
        float[] from = dy.array();
        float[] to = dx.array();
        long[] numbers = index.array();
        if (haveOne(axis, index)) {
            forLines(
                    "scatterAdd",
                    axis,
                    index,
                    (line, count) -> {
                        for (int o = line; o < line + count; o++) {
                            int i = (int) numbers[index.offset() + o];
                            to[dx.offset() + o * axis.n() + i] += from[dy.offset() + o];
                        }
                    });
            return;
        }
        forParts(
                "scatterAdd",
                axis,
                index,
                (o, first, end, picks) -> {
                    int lines = dx.offset() + o * axis.n() * axis.inner();
                    if (axis.inner() == 1) {
                        int row = o * picks;
                        int q = dy.offset() + row;
                        add(from, q, numbers, index.offset() + row, to, lines, picks);
                        return;
                    }
                    for (int k = 0; k < picks; k++) {
                        int row = (o * picks + k) * axis.inner();
                        for (int j = first; j < end; j++) {
                            int i = (int) numbers[index.offset() + row + j];
                            to[lines + i * axis.inner() + j] += from[dy.offset() + row + j];
                        }
                    }
                });
    }

    /** The elements of one line that so many numbers name, replaced. */
    static void put(float[] x, int p, long[] numbers, int from, float[] y, int q, int picks) {
        for (int k = 0; k < picks; k++) {
            y[q + (int) numbers[from + k]] = x[p + k];
        }
    }

    /** Columns first .. end - 1 of outer line o, for which the index has so many numbers each. */
    @FunctionalInterface
    private interface Part {
        void run(int o, int first, int end, int picks);
    }

    /** Whether lines of neighbours have one number each. */
    private static boolean haveOne(Axis axis, Longs index) {
        return axis.inner() == 1 && index.length() == axis.outer();
    }

    /** Some lines that have one number each, once these have been looked at. */
    private static void forLines(String op, Axis axis, Longs index, Parallel.Range some) {
        Parallel.forItems(
                IntMath.ceilDiv(axis.outer(), LINES),
                LINES,
                CHUNK,
                item -> {
                    int line = item * LINES;
                    int count = Math.min(LINES, axis.outer() - line);
                    if (!Indices.are(index.array(), index.offset() + line, count, axis.n())) {
                        Indices.check(op, index, axis.n());
                    }
                    some.run(line, count);
                });
    }

    /** Numbers are looked at before: single lines' along with the line. */
    private static void forParts(String op, Axis axis, Longs index, Part part) {
        if (index.length() == 0) {
            return;
        }
        boolean areSingle = axis.inner() == 1;
        if (!areSingle) {
            Indices.check(op, index, axis.n());
        }
        int picks = axis.sized(index.length()).n();
        int parts = IntMath.ceilDiv(axis.inner(), COLUMNS);
        Parallel.forItems(
                axis.outer() * parts,
                picks * Math.min(axis.inner(), COLUMNS),
                CHUNK,
                item -> {
                    int first = item % parts * COLUMNS;
                    int end = Math.min(axis.inner(), first + COLUMNS);
                    int from = index.offset() + item * picks;
                    if (areSingle && !Indices.are(index.array(), from, picks, axis.n())) {
                        Indices.check(op, index, axis.n());
                    }
                    part.run(item / parts, first, end, picks);
                });
    }
}
