package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.longs;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.List;

/** Sums and maxima along an axis. */
public final class Reductions {
    /** {@link Backend#sum} along one axis. */
    @FunctionalInterface
    interface Sum {
        void run(Floats x, Floats y);
    }

    final Ways<Axis, Sum> sum =
            new Ways<>(
                    "sum",
                    () ->
                            List.of(
                                    Way.of(
                                            "rows added up",
                                            axis ->
                                                    axis.inner() != 1
                                                            ? null
                                                            : "what is added up lies together",
                                            RowSums::new),
                                    Way.forAll("lines", LineSums::new)));

    /** {@link Backend#sum}. */
    public void sum(Buffer x, Buffer y, Axis axis) {
        sum.plan(axis).run(floats(x), floats(y));
    }

    /** {@link Backend#prod} of lines whose elements lie together; whether they do. */
    public boolean prod(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() != 1 || axis.n() > LineProducts.LONGEST) {
            return false;
        }
        new LineProducts(axis.n()).run(floats(x), floats(y));
        return true;
    }

    /** {@link Backend#max}. */
    public void max(Buffer x, Buffer y, Buffer index, Axis axis) {
        new Maxima(axis).max(floats(x), floats(y), longs(index));
    }

    /** {@link Backend#maxGrad}. */
    public void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        new Maxima(axis).grad(floats(dy), longs(index), floats(dx));
    }
}
