package io.github.cortado.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.DType;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the vector backend computes in double, with loops and threads of its own. */
@Tag("vector-only")
class SameBitsAsTheOracleTest {
    private static final Axis[] AXES = {
        new Axis(300, 70, 1),
        new Axis(3, 20_001, 1),
        new Axis(5, 40, 129),
        new Axis(900, 7, 1),
        new Axis(2, 9_000, 3),
        new Axis(0, 3, 2)
    };

    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    /** Work for a backend, on buffers that lie somewhere in larger arrays. */
    private static final class Buffers {
        final List<HostBuffer> made = new ArrayList<>();

        Buffer random(int length) {
            float[] values = RandomValues.random(length + 5, made.size() + 1);
            return add(new HostBuffer.Floats(values).slice(5, length));
        }

        Buffer positive(int length) {
            HostBuffer buffer = (HostBuffer) random(length);
            for (int i = 0; i < length; i++) {
                buffer.set(i, Math.abs(buffer.get(i)));
            }
            return buffer;
        }

        Buffer places(int length) {
            return add(HostBuffer.allocate(DType.INT64, length + 1).slice(1, length));
        }

        private Buffer add(HostBuffer buffer) {
            made.add(buffer);
            return buffer;
        }
    }

    private interface Work {
        void run(Backend backend, Buffers buffers);
    }

    private static void check(String what, Work work) {
        Buffers expected = new Buffers();
        work.run(new ScalarBackend(), expected);
        for (int count : new int[] {1, 2, 7}) {
            Parallel.setThreads(count);
            Buffers found = new Buffers();
            work.run(new VectorBackend(), found);
            for (int i = 0; i < expected.made.size(); i++) {
                String message = what + ", buffer " + i + ", " + count + " threads";
                if (expected.made.get(i).array() instanceof float[] right) {
                    assertArrayEquals(right, (float[]) found.made.get(i).array(), message);
                } else {
                    long[] right = (long[]) expected.made.get(i).array();
                    assertArrayEquals(right, (long[]) found.made.get(i).array(), message);
                }
            }
        }
    }

    @Test
    void updates() {
        int n = 40_003;
        for (int kind = 0; kind < 8; kind++) {
            boolean nesterov = (kind & 1) > 0;
            boolean first = (kind & 2) > 0;
            double decay = (kind & 4) > 0 ? 0.1 : 0;
            SgdSpec s = new SgdSpec(0.03, 0.9, nesterov ? 0 : 0.2, decay, nesterov, first);
            check("" + s, (b, r) -> b.sgd(r.random(n), r.random(n), r.random(n), s));
            check("plain " + s, (b, r) -> b.sgd(r.random(n), r.random(n), null, s));
            RmsPropSpec m = new RmsPropSpec(0.01, 0.97, 1e-8, decay, 0.8);
            check("" + m, (b, r) -> b.rmsProp(r.random(n), r.random(n), r.positive(n), null, m));
            check(
                    "momentum " + m,
                    (b, r) -> b.rmsProp(r.random(n), r.random(n), r.positive(n), r.random(n), m));
        }
    }

    @Test
    void maximaAlongAnAxis() {
        for (Axis a : AXES) {
            int lines = a.outer() * a.inner();
            int n = lines * a.n();
            check("max of " + a, (b, r) -> b.max(r.random(n), r.random(lines), r.places(lines), a));
            check(
                    "maxGrad of " + a,
                    (b, r) -> {
                        Buffer index = r.places(lines);
                        b.max(r.random(n), r.random(lines), index, a);
                        b.maxGrad(r.random(lines), index, r.random(n), a);
                    });
        }
    }

    @Test
    void aNumberThatIsNoneIsTheMaximumWhereItComesFirst() {
        check(
                "max",
                (b, r) -> {
                    HostBuffer x = (HostBuffer) r.random(12);
                    x.set(1, Double.NaN);
                    x.set(5, Double.NaN);
                    x.set(7, Double.POSITIVE_INFINITY);
                    b.max(x, r.random(3), r.places(3), new Axis(3, 4, 1));
                });
    }
}
