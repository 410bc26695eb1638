package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random programs show the same whether results wait or are computed where they are written, to the
 * bit, and whoever looks on.
 */
class RandomGraphsTest {
    private final long seed = Long.getLong("cortado.test.seed", System.nanoTime());

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void programsShowTheSameBitsAsUnfused(String device) throws Exception {
        check(device, 40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    @Tag("thorough")
    void manyProgramsShowTheSameBitsAsUnfused(String device) throws Exception {
        check(device, 600);
    }

    private void check(String device, int programs) throws Exception {
        Random seeds = new Random(seed);
        long stale = 0;
        for (int i = 0; i < programs; i++) {
            long program = seeds.nextLong();
            String name = device + ", seed " + seed + ", program " + i + " (" + program + "L)";
            stale += check(program, Device.of(device), name);
        }
        assertTrue(stale > programs, stale + " values outlived a training step");
    }

    /** Passes if a program shows the same in all circumstances. */
    static long check(long program, Device device, String name) throws Exception {
        Shown expected = unfused(() -> RandomGraphs.run(program, device));
        Shown found = RandomGraphs.run(program, device);
        same(device, expected, found, name);
        Consumer<Tensor> printing = Onlookers.printing(program);
        same(device, expected, RandomGraphs.run(program, device, printing), name + ", printing");
        try (var threads = new Onlookers.Threads()) {
            same(device, expected, RandomGraphs.run(program, device, threads), name + ", threads");
        }
        same(
                device,
                unfused(() -> RandomGraphs.compiled(program, device, x -> {})),
                RandomGraphs.compiled(program, device, Onlookers.printing(program)),
                name + ", compiled");
        return found.stale();
    }

    private static Shown unfused(Supplier<Shown> program) {
        try (var off = Pending.pause()) {
            return program.get();
        }
    }

    private static void same(Device device, Shown expected, Shown found, String name) {
        // A pooled convolution's gradients add their terms in another order than a plain one's.
        boolean isExact = device.backend().name().equals("cpu-scalar") || expected.isExact();
        expected.assertSame(found, isExact ? 0 : 1e-5, name);
    }
}
