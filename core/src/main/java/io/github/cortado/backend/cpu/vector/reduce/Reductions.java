package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.vector.pointwise.VectorTraining;

/** Sums along an axis. */
public final class Reductions {
    private final Backend reference;

    public Reductions(Backend reference) {
        this.reference = reference;
    }

    public void sum(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() > 1) {
            VectorTraining.sumRows(array(x), at(x), array(y), at(y), axis);
        } else {
            reference.sum(x, y, axis);
        }
    }
}
