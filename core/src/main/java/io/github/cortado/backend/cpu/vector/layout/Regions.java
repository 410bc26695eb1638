package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.Strided;

/** Strided regions, from one type to another, and masks of what is exact. */
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

    /** {@link Backend#compare}. */
    public void compare(Relation how, Buffer a, Buffer b, Buffer mask) {
        Relations.of(how, a, b, mask);
    }

    /** {@link Backend#increment}. */
    public void increment(Buffer y, long by) {
        Casts.increment(host(y), by);
    }
}
