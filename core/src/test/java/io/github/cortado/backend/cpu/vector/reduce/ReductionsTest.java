package io.github.cortado.backend.cpu.vector.reduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class ReductionsTest {
    private final Backend reference = new ScalarBackend();
    private final Reductions room = new Reductions();

    @Test
    void rowsAreAddedAndSoAreLines() {
        assertEquals("rows added up", room.sum.wayOf(new Axis(1, 100, 10)));
        assertEquals("lines", room.sum.wayOf(new Axis(100, 10, 1)));
    }

    @Test
    void everyElementOfALongColumnCountsOnce() {
        // Chains of additions are broken twice there; whole numbers are added without rounding.
        Axis axis = new Axis(1, 17_003, 256);
        float[] x = new float[axis.n() * axis.inner()];
        float[] right = new float[axis.inner()];
        for (int i = 0; i < x.length; i++) {
            x[i] = i * 7 % 5;
            right[i % axis.inner()] += x[i];
        }
        Floats y = new Floats(new float[axis.inner()]);
        room.sum(new Floats(x), y, axis);
        assertArrayEquals(right, y.array());
    }

    @Test
    void ofLongLinesNothingIsLost() {
        // One float after the other, 0.1 added four million times is 1 % off.
        int n = 1 << 22;
        float[] x = new float[n];
        Arrays.fill(x, 0.1f);
        for (Axis axis : new Axis[] {new Axis(1, n, 1), new Axis(1, n / 2, 2)}) {
            Floats y = new Floats(new float[axis.inner()]);
            room.sum(new Floats(x), y, axis);
            double right = (double) 0.1f * axis.n();
            assertEquals(right, y.get(0), 1e-6 * right, axis.toString());
        }
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
