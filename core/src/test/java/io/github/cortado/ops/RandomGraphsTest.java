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
        check(Device.of(device), 28);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    @Tag("thorough")
    void manyProgramsShowTheSameBitsAsUnfused(String device) throws Exception {
        check(Device.of(device), 1200);
    }

    /** Passes if so many programs do. */
    void check(Device device, int programs) throws Exception {
        Random seeds = new Random(seed);
        // What is read there cannot be recorded.
        boolean records = device.name().startsWith("cuda");
        int circumstances = Circumstance.values().length - (records ? 1 : 0);
        long stale = 0;
        for (int i = 0; i < programs; i++) {
            long program = seeds.nextLong();
            Circumstance c = Circumstance.values()[i % circumstances];
            String name = device + ", " + c + ", seed " + seed + ", program " + i;
            stale += check(program, device, c, name + " (" + program + "L)");
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
        expected.assertSame(found, isExact(device, expected.text()) ? 0 : 1e-5, name);
        return found.stale();
    }

    private static boolean isExact(Device device, String text) {
        return switch (device.backend().name()) {
            case "cpu-scalar" -> true;
            case "cpu-vector" -> !text.contains(Shown.POOLED);
            default -> !text.contains(Shown.POOLED) && !text.contains(Shown.BY_HAND);
        };
    }
}
