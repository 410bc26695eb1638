package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;
import static io.github.cortado.backend.cpu.HostMemory.longs;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.REVERSED;

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
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** Lines by number, and the sums of their gradients. */
public final class Selection {
    /** Parts of all lines that are worked on at once, each of which looks at all numbers. */
    private static final int PARTS = 16;

    /** Neighbours that are copied faster by a loop than as a block. */
    private static final int FEW = 16;

    /** Most numbers picked of a line that is copied with others. */
    private static final int SHORT = 128;

    /** Such lines, which stay in the first-level cache. */
    private static final int LINES = 32;

    private Selection() {}

    /** {@link Backend#indexSelect}. */
    public static void of(Buffer x, Buffer index, Buffer y, Axis axis) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        Longs numbers = longs(index);
        Indices.check(numbers, axis.n());
        if (y.length() == 0) {
            return;
        }
        int picks = index.length();
        int inner = axis.inner();
        Elements elements = Elements.of(from, to);
        Runs runs = Runs.of(numbers, Math.max(1, Parallel.RANGE / inner));
        boolean isSingle = inner == 1 && from instanceof Floats && to instanceof Floats;
        if (runs != null && isSingle && picks <= SHORT) {
            pickRuns((Floats) from, runs, (Floats) to, axis);
            return;
        }
        if (runs != null) {
            byRuns(elements, from.offset(), to.offset(), axis, picks, runs);
            return;
        }
        if (isSingle) {
            pick((Floats) from, numbers, (Floats) to, axis);
            return;
        }
        Parallel.forItems(
                axis.outer() * picks,
                inner,
                Parallel.RANGE,
                item -> {
                    int i = (int) numbers.getLong(item % picks);
                    int line = item / picks * axis.n() + i;
                    copy(elements, from.offset() + line * inner, to.offset() + item * inner, inner);
                });
    }

    private static void copy(Elements elements, int p, int q, int n) {
        if (n < FEW) {
            elements.copy(p, 1, q, 1, n);
        } else {
            elements.copy(p, q, n);
        }
    }

    /** All runs of some lines, or of long lines each run by itself. */
    private static void byRuns(Elements elements, int p, int q, Axis axis, int picks, Runs runs) {
        int size = picks * axis.inner();
        int parts = size <= Parallel.RANGE ? 1 : runs.count();
        int perPart = runs.count() / parts;
        Parallel.forItems(
                axis.outer() * parts,
                size / parts,
                Parallel.RANGE,
                item -> {
                    int o = item / parts;
                    int from = p + o * axis.n() * axis.inner();
                    int to = q + o * size;
                    int first = item % parts * perPart;
                    for (int r = first; r < first + perPart; r++) {
                        run(elements, from, to, axis.inner(), runs, r);
                    }
                });
    }

    private static void run(Elements elements, int p, int q, int inner, Runs runs, int r) {
        int from = p + runs.firsts()[r] * inner;
        int to = q + runs.starts()[r] * inner;
        int n = runs.length(r);
        if (runs.steps()[r] > 0) {
            copy(elements, from, to, n * inner);
        } else if (inner == 1) {
            elements.reverse(from, to, n);
        } else {
            for (int k = 0; k < n; k++) {
                copy(elements, from - k * inner, to + k * inner, inner);
            }
        }
    }

    /** Short lines of single elements, some of them at a time. */
    private static void pickRuns(Floats x, Runs runs, Floats y, Axis axis) {
        int picks = runs.starts()[runs.count()];
        int together = Parallel.RANGE / picks;
        Parallel.forChunks(
                IntMath.ceilDiv(axis.outer(), together),
                chunk -> {
                    int first = chunk * together;
                    int end = Math.min(axis.outer(), first + together);
                    for (int o = first; o < end; o += LINES) {
                        int from = x.offset() + o * axis.n();
                        int to = y.offset() + o * picks;
                        int lines = Math.min(LINES, end - o);
                        runs.pick(x.array(), from, axis.n(), y.array(), to, lines);
                    }
                });
    }

    /** Lines of single elements. */
    private static void pick(Floats x, Longs index, Floats y, Axis axis) {
        int picks = index.length();
        int parts = IntMath.ceilDiv(picks, Taking.CHUNK);
        Parallel.forItems(
                axis.outer() * parts,
                Math.min(picks, Taking.CHUNK),
                Taking.CHUNK,
                item -> {
                    int first = item % parts * Taking.CHUNK;
                    int n = Math.min(Taking.CHUNK, picks - first);
                    int line = x.offset() + item / parts * axis.n();
                    int from = index.offset() + first;
                    int to = y.offset() + item / parts * picks + first;
                    Taking.pick(x.array(), line, index.array(), from, y.array(), to, n);
                });
    }

    /** {@link Backend#indexSelectGrad}: each part of dx is one thread's, whoever picked it. */
    public static void gradient(Floats dy, Longs index, Floats dx, Axis axis, int padding) {
        if (dx.length() == 0) {
            return;
        }
        Runs runs = padding < 0 ? Runs.of(index, Integer.MAX_VALUE) : null;
        int picks = index.length();
        if (axis.inner() == 1 && axis.outer() >= LINES && picks <= SHORT && padding < 0) {
            addDown(dy, runs == null ? Runs.single(index) : runs, dx, axis);
        } else {
            run(new Gradient(dy, null, index, dx, axis, padding, runs));
        }
    }

    /** Short lines of single elements, some of them at a time. */
    private static void addDown(Floats dy, Runs runs, Floats dx, Axis axis) {
        int picks = runs.starts()[runs.count()];
        int together = Math.max(1, Parallel.RANGE / Math.max(axis.n(), picks));
        Parallel.forChunks(
                IntMath.ceilDiv(axis.outer(), together),
                chunk -> {
                    int first = chunk * together;
                    int end = Math.min(axis.outer(), first + together);
                    for (int o = first; o < end; o += LINES) {
                        int from = dy.offset() + o * picks;
                        int to = dx.offset() + o * axis.n();
                        int lines = Math.min(LINES, end - o);
                        Fill.run(dx.array(), to, lines * axis.n(), 0f);
                        runs.add(dy.array(), from, dx.array(), to, axis.n(), lines);
                    }
                });
    }

    /** {@link Backend#indexSum}. */
    public static void sums(Floats x, Longs index, Floats y, Longs target, Axis axis) {
        Indices.check(index, axis.n());
        if (y.length() > 0) {
            int n = y.length() / (axis.outer() * axis.inner());
            Axis sums = new Axis(axis.outer(), n, axis.inner());
            run(new Gradient(x, new Lines(index, axis.n()), target, y, sums, -1, null));
        }
    }

    /** Which of n lines are added up. */
    private record Lines(Longs index, int n) {}

    private static void run(Gradient gradient) {
        Axis axis = gradient.axis;
        int perLine = IntMath.ceilDiv(PARTS, axis.outer());
        int part = IntMath.ceilDiv(axis.n(), perLine);
        int parts = IntMath.ceilDiv(axis.n(), part);
        Parallel.forItems(
                axis.outer() * parts,
                part * axis.inner() + gradient.index.length(),
                Parallel.RANGE,
                item -> {
                    int first = item % parts * part;
                    int end = Math.min(axis.n(), first + part);
                    gradient.part(item / parts, first, end);
                });
    }

    /** Sums of what was picked; line k of the gradients is the source's, or k without one. */
    private record Gradient(
            Floats dy,
            @Nullable Lines source,
            Longs index,
            Floats dx,
            Axis axis,
            int padding,
            @Nullable Runs runs) {
        /** The sums of numbers {@code first} to {@code end - 1} of outer line o. */
        void part(int o, int first, int end) {
            int inner = axis.inner();
            int to = dx.offset() + o * axis.n() * inner;
            int lines = source == null ? index.length() : source.n;
            int from = dy.offset() + o * lines * inner;
            Fill.run(dx.array(), to + first * inner, (end - first) * inner, 0f);
            if (runs != null) {
                for (int r = 0; r < runs.count(); r++) {
                    run(runs, r, from, to, first, end);
                }
            } else if (source != null) {
                selected(source.index, from, to, first, end);
            } else if (inner == 1) {
                single(from, to, first, end);
            } else {
                lines(from, to, first, end);
            }
        }

        private void run(Runs all, int r, int from, int to, int first, int end) {
            int inner = axis.inner();
            int i = all.firsts()[r];
            boolean isUp = all.steps()[r] > 0;
            int begin = Math.max(0, isUp ? first - i : i - (end - 1));
            int n = Math.min(all.length(r), isUp ? end - i : i - first + 1) - begin;
            int at = from + (all.starts()[r] + begin) * inner;
            if (isUp) {
                add(dy.array(), at, dx.array(), to + (i + begin) * inner, n * inner);
            } else if (inner == 1) {
                addReversed(dy.array(), at, dx.array(), to + i - begin, n);
            } else {
                for (int k = 0; k < n; k++) {
                    int line = to + (i - begin - k) * inner;
                    add(dy.array(), at + k * inner, dx.array(), line, inner);
                }
            }
        }

        /** What goes to one place after the other is added up before it is put there. */
        private void single(int from, int to, int first, int end) {
            float[] x = dy.array();
            float[] y = dx.array();
            long[] numbers = index.array();
            long last = -1;
            float sum = 0;
            for (int k = 0; k < index.length(); k++) {
                long i = numbers[index.offset() + k];
                if (i == last) {
                    sum += x[from + k];
                    continue;
                }
                if (last >= 0) {
                    y[to + (int) last] = sum;
                }
                last = i < first || i >= end || i == padding ? -1 : i;
                if (last >= 0) {
                    sum = y[to + (int) last] + x[from + k];
                }
            }
            if (last >= 0) {
                y[to + (int) last] = sum;
            }
        }

        private void selected(Longs lines, int from, int to, int first, int end) {
            int inner = axis.inner();
            float[] x = dy.array();
            float[] y = dx.array();
            for (int k = 0; k < index.length(); k++) {
                int i = (int) index.array()[index.offset() + k];
                if (i < first || i >= end) {
                    continue;
                }
                int line = (int) lines.array()[lines.offset() + k];
                if (inner == 1) {
                    y[to + i] += x[from + line];
                } else {
                    add(x, from + line * inner, y, to + i * inner, inner);
                }
            }
        }

        private void lines(int from, int to, int first, int end) {
            int inner = axis.inner();
            long[] numbers = index.array();
            for (int k = 0; k < index.length(); k++) {
                long i = numbers[index.offset() + k];
                if (i >= first && i < end && i != padding) {
                    add(dy.array(), from + k * inner, dx.array(), to + (int) i * inner, inner);
                }
            }
        }
    }

    private static void add(float[] x, int p, float[] y, int q, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector sum = FloatVector.fromArray(SPECIES, y, q + j);
            sum.add(FloatVector.fromArray(SPECIES, x, p + j)).intoArray(y, q + j);
        }
        for (; j < n; j++) {
            y[q + j] += x[p + j];
        }
    }

    /** The first of x to the last of y. */
    private static void addReversed(float[] x, int p, float[] y, int q, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            int at = q - j - (VL - 1);
            FloatVector term = FloatVector.fromArray(SPECIES, x, p + j).rearrange(REVERSED);
            FloatVector.fromArray(SPECIES, y, at).add(term).intoArray(y, at);
        }
        for (; j < n; j++) {
            y[q - j] += x[p + j];
        }
    }
}
