package io.github.cortado.backend.cpu.vector.reduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class ReductionsTest {
    private final Backend reference = new ScalarBackend();
    private final Reductions room = new Reductions();

    @Test
    void rowsAndNeighboursAreAddedUpEachInTheirWay() {
        assertEquals("rows added up", room.sum.wayOf(new Axis(1, 100, 10)));
        assertEquals("neighbours added up", room.sum.wayOf(new Axis(100, 10, 1)));
    }

    @Test
    void bothWaysGiveWhatTheReferenceGives() {
        for (Axis axis :
                new Axis[] {new Axis(1, 300, 10), new Axis(5, 64, 3), new Axis(7, 99, 1)}) {
            Floats x = new Floats(RandomValues.random(axis.outer() * axis.n() * axis.inner(), 1));
            Floats y = new Floats(new float[axis.outer() * axis.inner()]);
            Floats right = new Floats(new float[y.length()]);
            room.sum(x, y, axis);
            reference.sum(x, right, axis);
            assertArrayEquals(right.array(), y.array(), 2e-5f, axis.toString());
        }
    }
}
