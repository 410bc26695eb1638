package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;

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
    public void compare(Buffer a, Buffer b, Floats y) {
        HostBuffer left = host(a);
        HostBuffer right = host(b);
        Parallel.forRanges(
                y.length(),
                (first, n) -> {
                    for (int i = first; i < first + n; i++) {
                        y.array()[y.offset() + i] = Long.compare(left.getLong(i), right.getLong(i));
                    }
                });
    }

    /** {@link Backend#increment}. */
    public void increment(Buffer y, long by) {
        Casts.increment(host(y), by);
    }
}
