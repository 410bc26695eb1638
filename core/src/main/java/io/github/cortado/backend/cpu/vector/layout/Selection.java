package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;
import static io.github.cortado.backend.cpu.HostMemory.longs;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

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

/** Lines by number, and the sums of their gradients. */
public final class Selection {
    /** Parts of all lines that are worked on at once, each of which looks at all numbers. */
    private static final int PARTS = 16;

    /** Neighbours that are copied faster by a loop than as a block. */
    private static final int FEW = 16;

    private Selection() {}

    /** {@link Backend#indexSelect}. */
    public static void of(Buffer x, Buffer index, Buffer y, Axis axis) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        HostBuffer numbers = host(index);
        Indices.check(numbers, axis.n());
        if (y.length() == 0) {
            return;
        }
        int picks = index.length();
        int inner = axis.inner();
        if (inner == 1 && from instanceof Floats f && to instanceof Floats g) {
            Parallel.forItems(
                    axis.outer(),
                    picks,
                    Parallel.RANGE,
                    line -> pick(f, longs(index), g, axis, line));
            return;
        }
        Elements elements = Elements.of(from, to);
        Parallel.forItems(
                axis.outer() * picks,
                inner,
                Parallel.RANGE,
                item -> {
                    int i = (int) numbers.getLong(item % picks);
                    int line = item / picks * axis.n() + i;
                    int p = from.offset() + line * inner;
                    int q = to.offset() + item * inner;
                    if (inner < FEW) {
                        elements.copy(p, 1, q, 1, inner);
                    } else {
                        elements.copy(p, q, inner);
                    }
                });
    }

    /** One line of single elements. */
    private static void pick(Floats x, Longs index, Floats y, Axis axis, int line) {
        int picks = index.length();
        int p = x.offset() + line * axis.n();
        int q = y.offset() + line * picks;
        Taking.pick(x.array(), p, index.array(), index.offset(), y.array(), q, picks);
    }

    /** {@link Backend#indexSelectGrad}: each part of dx is one thread's, whoever picked it. */
    public static void gradient(Floats dy, Longs index, Floats dx, Axis axis, int padding) {
        if (dx.length() == 0) {
            return;
        }
        int perLine = IntMath.ceilDiv(PARTS, axis.outer());
        int part = IntMath.ceilDiv(axis.n(), perLine);
        int parts = IntMath.ceilDiv(axis.n(), part);
        Parallel.forItems(
                axis.outer() * parts,
                part * axis.inner() + index.length(),
                Parallel.RANGE,
                item -> {
                    int first = item % parts * part;
                    int end = Math.min(axis.n(), first + part);
                    gradient(dy, index, dx, axis, padding, item / parts, first, end);
                });
    }

    private static void gradient(
            Floats dy, Longs index, Floats dx, Axis axis, int padding, int o, int first, int end) {
        int inner = axis.inner();
        float[] to = dx.array();
        float[] from = dy.array();
        int start = dx.offset() + o * axis.n() * inner;
        Fill.run(to, start + first * inner, (end - first) * inner, 0f);
        long[] numbers = index.array();
        int picks = index.length();
        int at = dy.offset() + o * picks * inner;
        for (int k = 0; k < picks; k++, at += inner) {
            long i = numbers[index.offset() + k];
            if (i < first || i >= end || i == padding) {
                continue;
            }
            if (inner == 1) {
                to[start + (int) i] += from[at];
            } else {
                add(from, at, to, start + (int) i * inner, inner);
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
}
