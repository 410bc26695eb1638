package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.HostMemory.floats;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.List;

/** Sums along an axis. */
public final class Reductions {
    /** {@link Backend#sum} along one axis. */
    @FunctionalInterface
    interface Sum {
        void run(Floats x, Floats y);
    }

    final Ways<Axis, Sum> sum;

    /** The room, with whoever computes what it has no loops for. */
    public Reductions(Backend reference) {
        sum =
                new Ways<>(
                        "sum",
                        () ->
                                List.of(
                                        Way.of(
                                                "rows added up",
                                                axis ->
                                                        axis.inner() > 1
                                                                ? null
                                                                : "what is added up lies together",
                                                RowSums::new),
                                        Way.reference(
                                                axis -> (x, y) -> reference.sum(x, y, axis))));
    }

    /** {@link Backend#sum}. */
    public void sum(Buffer x, Buffer y, Axis axis) {
        sum.plan(axis).run(floats(x), floats(y));
    }

    /** The ways of this room. */
    public List<Ways<?, ?>> ways() {
        return List.of(sum);
    }
}
