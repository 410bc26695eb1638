package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Parallel;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** First values, dropout's masks, and running statistics. */
class LayerTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    @BeforeEach
    void sameStart() {
        Seed.manualSeed(0);
    }

    @Test
    void weightsAndBiasesFillPyTorchsInterval() {
        LeNet net = new LeNet();
        assertSpread(net.conv1.weight(), 1 / Math.sqrt(27));
        assertSpread(net.conv3.weight(), 1 / Math.sqrt(288));
        assertSpread(net.conv3.bias().orElseThrow(), 1 / Math.sqrt(288));
        assertSpread(net.fc1.weight(), 1 / 32.0);
        assertSpread(net.fc1.bias().orElseThrow(), 1 / 32.0);
        assertSpread(new Conv2d(8, 64, 3).groups(4).weight(), 1 / Math.sqrt(18));
    }

    /** Even over [-bound, bound]: nothing outside, something near both ends, mean and variance. */
    private static void assertSpread(Tensor x, double bound) {
        double[] v = x.toDoubles();
        double mean = Arrays.stream(v).average().orElseThrow();
        double square = Arrays.stream(v).map(e -> e * e).average().orElseThrow();
        assertTrue(Arrays.stream(v).allMatch(e -> Math.abs(e) <= bound * (1 + 1e-6)));
        double slack = 4 / Math.sqrt(v.length);
        assertEquals(0, mean, slack * bound / Math.sqrt(3));
        assertEquals(bound * bound / 3, square, slack * bound * bound * 0.3);
    }

    @Test
    void theSameSeedBuildsTheSameNetworkAndAnotherOneDoesNot() {
        float[] first = LeNet.small().fc1.weight().toFloats();
        float[] second = LeNet.small().fc1.weight().toFloats();
        assertFalse(Arrays.equals(first, second), "every parameter has a stream of its own");
        Seed.manualSeed(0);
        assertArrayEquals(first, LeNet.small().fc1.weight().toFloats());
        Seed.manualSeed(1);
        assertFalse(Arrays.equals(first, LeNet.small().fc1.weight().toFloats()));
    }

    @Test
    void whatALayerNormAddsToTheVarianceCanBeSet() {
        Tensor x = Tensor.of(new float[] {-3, 3}, 1, 2);
        assertArrayEquals(
                new float[] {-0.6f, 0.6f}, new LayerNorm(2).eps(16).forward(x).toFloats(), 1e-6f);
        String message =
                assertThrows(IllegalArgumentException.class, () -> new LayerNorm(2).eps(Double.NaN))
                        .getMessage();
        assertEquals("LayerNorm: expected an eps of at least 0, got NaN", message);
    }

    @Test
    void aParameterIsDrawnFromItsOwnStream() {
        Seed.manualSeed(42);
        Linear fc = new Linear(5, 3);
        double bound = 1 / Math.sqrt(5);
        float[] expected = new float[15];
        Streams.initialisation(42, 0).uniforms(0, (float) -bound, (float) bound, expected, 0, 15);
        assertArrayEquals(expected, fc.weight().toFloats());
        assertEquals(
                (float) -bound + (float) (2 * bound) * Streams.initialisation(42, 1).uniform(2),
                fc.bias().orElseThrow().toFloats()[2],
                1e-7);
    }

    @Test
    void normalValuesHaveTheirMeanAndDeviation() {
        Tensor x = Init.normal(Tensor.zeros(20_000), 3, 0.5, Streams.general(1, 0));
        double[] v = x.toDoubles();
        double mean = Arrays.stream(v).average().orElseThrow();
        double variance =
                Arrays.stream(v).map(e -> (e - mean) * (e - mean)).average().orElseThrow();
        assertEquals(3, mean, 0.02);
        assertEquals(0.25, variance, 0.01);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void dropoutKeepsWhatItsStreamSays(Device device) {
        Seed.manualSeed(9);
        new Dropout(0.5);
        Dropout second = new Dropout(0.3);
        int n = 10_007;
        for (int forward = 0; forward < 3; forward++) {
            Tensor x = Tensor.full(2, n).to(device).copy().requiresGrad(true);
            Tensor y = second.forward(x);
            y.sum().backward();
            float[] found = y.toFloats();
            float[] gradient = x.grad().toFloats();
            var stream = Streams.dropout(9, 1, forward);
            int kept = 0;
            for (int i = 0; i < n; i++) {
                boolean keep = stream.uniform(i) >= 0.3f;
                kept += keep ? 1 : 0;
                assertEquals(keep ? 2 / 0.7 : 0, found[i], 1e-6);
                assertEquals(keep ? 1 / 0.7 : 0, gradient[i], 1e-6);
            }
            assertEquals(0.7, kept / (double) n, 0.02);
        }
        assertEquals(3, second.forwards());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void dropoutBehindReluHasTheSameGradientThoughItDrawsNothing(Device device) {
        Tensor values = Init.uniform(Tensor.zeros(2, 3, 8, 8), -1, 1, Seed.nextParameter());
        Map<String, UnaryOperator<Tensor>> rectified = new LinkedHashMap<>();
        rectified.put("relu", Functional::relu);
        rectified.put("maxPool2d", x -> Functional.maxPool2d(Functional.relu(x), 2));
        Conv2d conv = new Conv2d(3, 4, 3);
        conv.to(device);
        rectified.put("relu of conv2d", x -> Functional.relu(conv.forward(x)));
        rectified.forEach(
                (op, f) -> {
                    float[][] gradients = new float[2][];
                    for (int i = 0; i < 2; i++) {
                        Tensor x = values.to(device).copy().requiresGrad(true);
                        Tensor y = f.apply(x);
                        assertTrue(Internals.node(y).stopsAtZero());
                        // A view is not known to come from there.
                        Tensor in = i == 0 ? y : y.reshape(y.size());
                        Functional.dropout(in, 0.3, 1, 2, 3).sum().backward();
                        gradients[i] = x.grad().toFloats();
                    }
                    assertArrayEquals(gradients[1], gradients[0], 1e-6f, op);
                });
    }

    @ParameterizedTest
    @MethodSource("devices")
    void dropoutDoesNotDependOnTheNumberOfThreads(Device device) {
        int before = Parallel.threads();
        try {
            float[][] masks = new float[3][];
            int[] threads = {1, 2, 7};
            for (int i = 0; i < threads.length; i++) {
                Parallel.setThreads(threads[i]);
                Seed.manualSeed(3);
                Dropout dropout = new Dropout(0.5);
                masks[i] = dropout.forward(Tensor.ones(300, 500).to(device)).toFloats();
            }
            assertArrayEquals(masks[0], masks[1]);
            assertArrayEquals(masks[0], masks[2]);
        } finally {
            Parallel.setThreads(before);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void dropoutOfAllAndOfNothing(Device device) {
        Tensor x = Tensor.of(new float[] {1, Float.POSITIVE_INFINITY, 3}).to(device);
        assertArrayEquals(new float[3], new Dropout(1).forward(x).toFloats());
        assertArrayEquals(x.toFloats(), new Dropout(0).forward(x).toFloats());
    }

    @Test
    void countersCarryOnWhereTheyWere() {
        Sequential net = new Sequential(new Dropout(0.5), new Dropout(0.5));
        Tensor x = Tensor.ones(64);
        net.forward(x);
        var counters = net.counters();
        float[] next = net.forward(x).toFloats();
        net.loadCounters(counters);
        assertArrayEquals(next, net.forward(x).toFloats());
    }

    /**
     * As PyTorch:
     *
     * <pre>{@code
     * bn = torch.nn.BatchNorm2d(2)
     * x = torch.arange(16.).reshape(2, 2, 2, 2) ** 2 / 10
     * y = bn(x); y2 = bn(x + 1); bn.eval(); z = bn(x)
     * print(bn.running_mean, bn.running_var, bn.num_batches_tracked, y.flatten()[:3], z.flatten()[:3])
     * }</pre>
     */
    @ParameterizedTest
    @MethodSource("devices")
    void batchNormRemembersAsPyTorchDoes(Device device) {
        BatchNorm2d bn = new BatchNorm2d(2);
        bn.to(device);
        float[] values = new float[16];
        for (int i = 0; i < 16; i++) {
            values[i] = i * i / 10f;
        }
        Tensor x = Tensor.of(values, 2, 2, 2, 2).to(device);
        float[] y = bn.forward(x).toFloats();
        bn.forward(x.add(1));
        var state = bn.stateDict();
        assertArrayEquals(
                new float[] {1.0024999f, 2.1425002f}, state.get("running_mean").toFloats(), 1e-5f);
        assertArrayEquals(
                new float[] {5.5182f, 14.507914f}, state.get("running_var").toFloats(), 1e-4f);
        assertEquals(2, state.get("num_batches_tracked").item());
        assertArrayEquals(
                new float[] {-1.0200908f, -0.9986152f, -0.9341884f}, Arrays.copyOf(y, 3), 1e-5f);
        bn.eval();
        float[] z = bn.forward(x).toFloats();
        assertArrayEquals(
                new float[] {-0.4267615f, -0.3841918f, -0.2564826f}, Arrays.copyOf(z, 3), 1e-5f);
        assertEquals(2, state.get("num_batches_tracked").item(), "evaluation counts nothing");
        assertEquals(
                List.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked"),
                List.copyOf(state.keySet()));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void batchesAreCountedInCompiledStepsAndOnFromWhatWasLoaded(Device device) {
        BatchNorm2d bn = new BatchNorm2d(2);
        bn.to(device);
        Tensor x = Tensor.full(1, 3, 2, 2, 2).to(device);
        try (CompiledStep<Tensor> step = device.compile(() -> bn.forward(x))) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            assertEquals(4, bn.stateDict().get("num_batches_tracked").item());
            Map<String, Tensor> other = new HashMap<>();
            bn.stateDict().forEach((name, t) -> other.put(name, t.copy()));
            other.put("num_batches_tracked", Tensor.scalar(1L << 40));
            bn.loadStateDict(other);
            step.run();
        }
        Tensor count = bn.stateDict().get("num_batches_tracked");
        assertEquals(DType.INT64, count.dtype());
        assertArrayEquals(new long[] {(1L << 40) + 1}, count.toLongs());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void onlyWholeNumbersAreIncremented(Device device) {
        Tensor counts = Tensor.of(new long[] {-1, 1L << 62}).to(device).copy();
        assertArrayEquals(new long[] {2, (1L << 62) + 3}, counts.increment(3).toLongs());
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Tensor.zeros(2).to(device).increment(1));
        assertEquals("increment: expects int64, got float32", e.getMessage());
    }
}
