package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;
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
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Lines by number, and the sums of their gradients. */
public final class Selection {
    /** Parts that the axis is cut into, each of which looks at all numbers. */
    private static final int PARTS = 16;

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
        Elements elements = Elements.of(from, to);
        int picks = index.length();
        int inner = axis.inner();
        Parallel.forItems(
                axis.outer() * picks,
                inner,
                Parallel.RANGE,
                item -> {
                    int i = (int) numbers.getLong(item % picks);
                    int line = item / picks * axis.n() + i;
                    elements.copy(from.offset() + line * inner, to.offset() + item * inner, inner);
                });
    }

    /** {@link Backend#indexSelectGrad}: each part of dx is one thread's, whoever picked it. */
    public static void gradient(Floats dy, Longs index, Floats dx, Axis axis, int padding) {
        int part = IntMath.ceilDiv(axis.n(), PARTS);
        if (part == 0) {
            return;
        }
        int parts = IntMath.ceilDiv(axis.n(), part);
        Parallel.forChunks(
                axis.outer() * parts,
                chunk -> {
                    int o = chunk / parts;
                    int first = chunk % parts * part;
                    int end = Math.min(axis.n(), first + part);
                    gradient(dy, index, dx, axis, padding, o, first, end);
                });
    }

    private static void gradient(
            Floats dy, Longs index, Floats dx, Axis axis, int padding, int o, int first, int end) {
        int inner = axis.inner();
        float[] to = dx.array();
        int start = dx.offset() + o * axis.n() * inner;
        Arrays.fill(to, start + first * inner, start + end * inner, 0f);
        long[] numbers = index.array();
        int picks = index.length();
        for (int k = 0; k < picks; k++) {
            long i = numbers[index.offset() + k];
            if (i >= first && i < end && i != padding) {
                int from = dy.offset() + (o * picks + k) * inner;
                add(dy.array(), from, to, start + (int) i * inner, inner);
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
