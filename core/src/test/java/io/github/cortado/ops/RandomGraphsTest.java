package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.autograd.Pending;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs show the same whether results wait or are computed where they are written, to the
 * bit, and whoever looks on.
 */
class RandomGraphsTest {
    private final long seed = Long.getLong("cortado.test.seed", System.nanoTime());

    /** How a program is run that is compared with the one whose results do not wait. */
    private enum Circumstance {
        ALONE,
        PRINTED,
        READ_BY_THREADS,
        COMPILED
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void programsShowTheSameBitsAsUnfused(String device) throws Exception {
        check(device, 28);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    @Tag("thorough")
    void manyProgramsShowTheSameBitsAsUnfused(String device) throws Exception {
        check(device, 1200);
    }

    private void check(String device, int programs) throws Exception {
        Random seeds = new Random(seed);
        long stale = 0;
        for (int i = 0; i < programs; i++) {
            long program = seeds.nextLong();
            Circumstance[] all = Circumstance.values();
            Circumstance c = all[i % all.length];
            String name = device + ", " + c + ", seed " + seed + ", program " + i;
            stale += check(program, Device.of(device), c, name + " (" + program + "L)");
        }
        assertTrue(stale > programs, stale + " values outlived a training step");
    }

    /** Passes if a program shows the same; returns how much of that was looked at late. */
    private static long check(long program, Device device, Circumstance c, String name)
            throws Exception {
        boolean compiled = c == Circumstance.COMPILED;
        Shown expected;
        try (var off = Pending.pause()) {
            expected =
                    compiled
                            ? RandomGraphs.compiled(program, device, x -> {})
                            : RandomGraphs.run(program, device, x -> {});
        }
        Shown found;
        try (Onlookers.Threads threads = new Onlookers.Threads()) {
            found =
                    switch (c) {
                        case ALONE -> RandomGraphs.run(program, device, x -> {});
                        case PRINTED ->
                                RandomGraphs.run(program, device, Onlookers.printing(program));
                        case READ_BY_THREADS -> RandomGraphs.run(program, device, threads);
                        case COMPILED ->
                                RandomGraphs.compiled(program, device, Onlookers.printing(program));
                    };
        }
        // A pooled convolution's gradients add their terms in another order than a plain one's.
        boolean isExact = device.backend().name().equals("cpu-scalar") || expected.isExact();
        expected.assertSame(found, isExact ? 0 : 1e-5, name);
        return found.stale();
    }
}
