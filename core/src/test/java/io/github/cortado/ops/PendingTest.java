package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.Device;
import io.github.cortado.autograd.Pending;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that are left open are those of operations that are computed one by one. */
class PendingTest {
    private static final int GRAPHS = 300;

    private final long seed = Long.getLong("cortado.test.seed", System.nanoTime());

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void randomProgramsShowTheSameBitsAsUnfused(String device) {
        Random seeds = new Random(seed);
        for (int i = 0; i < GRAPHS; i++) {
            long program = seeds.nextLong();
            check(program, Device.of(device), device + ", seed " + seed + ", program " + i);
        }
    }

    private static void check(long program, Device device, String name) {
        Map<String, double[]> expected;
        try (var pause = Pending.pause()) {
            expected = RandomGraphs.run(program, device);
        }
        Map<String, double[]> found = RandomGraphs.run(program, device);
        String text = name + " (" + program + "L)\n" + RandomGraphs.text(program, device);
        assertEquals(expected.keySet(), found.keySet(), text);
        // A pooled convolution's gradients add their terms in another order than a plain one's.
        boolean isExact =
                device.backend().name().equals("cpu-scalar")
                        || !text.contains("pooled convolution");
        expected.forEach(
                (what, values) -> {
                    if (isExact) {
                        assertArrayEquals(values, found.get(what), text + what);
                    } else {
                        assertClose(values, found.get(what), text + what);
                    }
                });
    }

    private static void assertClose(double[] expected, double[] found, String text) {
        double largest = 1;
        for (double v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertArrayEquals(expected, found, 1e-5 * largest, text);
    }
}
