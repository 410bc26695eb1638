package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.floats;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Strided;

/** Strided regions: what permute, expand, narrow and joining tensors copy. */
public final class Regions {
    private final Backend reference;

    /** The room, with whoever copies what is not float32: labels and pictures. */
    public Regions(Backend reference) {
        this.reference = reference;
    }

    /** {@link Backend#gather}. */
    public void gather(Buffer x, Buffer y, Strided from) {
        if (x.dtype() != DType.FLOAT32) {
            reference.gather(x, y, from);
        } else if (from.size() > 0) {
            new StridedCopy(from).gather(floats(x), floats(y));
        }
    }

    /** {@link Backend#scatter}. */
    public void scatter(Buffer x, Buffer y, Strided to) {
        if (x.dtype() != DType.FLOAT32) {
            reference.scatter(x, y, to);
        } else if (to.size() > 0) {
            new StridedCopy(to).scatter(floats(x), floats(y));
        }
    }
}
