package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.HostBuffer.Longs;

/** What moves elements and computes nothing: strided regions, and from one type to another. */
public final class Regions {
    /** {@link Backend#gather}: what permute, expand and narrow copy. */
    public void gather(Buffer x, Buffer y, Strided from) {
        if (from.size() > 0) {
            new StridedCopy(from).gather(host(x), host(y));
        }
    }

    /** {@link Backend#scatter}: what joins tensors. */
    public void scatter(Buffer x, Buffer y, Strided to) {
        if (to.size() > 0) {
            new StridedCopy(to).scatter(host(x), host(y));
        }
    }

    /** {@link Backend#cast}. */
    public void cast(Buffer x, Buffer y) {
        Casts.run(host(x), host(y));
    }

    /** {@link Backend#compare}: exact, whatever the size of the numbers. */
    public void compare(Longs a, Longs b, Floats y) {
        Parallel.forRanges(y.length(), (first, n) -> compare(a, b, y, first, n));
    }

    private static void compare(Longs a, Longs b, Floats y, int first, int n) {
        long[] left = a.array();
        long[] right = b.array();
        float[] sign = y.array();
        int p = a.offset() + first;
        int q = b.offset() + first;
        int to = y.offset() + first;
        for (int i = 0; i < n; i++) {
            long u = left[p + i];
            long v = right[q + i];
            sign[to + i] = (u > v ? 1 : 0) - (u < v ? 1 : 0);
        }
    }

    /** {@link Backend#increment}. */
    public void increment(Buffer y, long by) {
        Casts.increment(host(y), by);
    }
}
