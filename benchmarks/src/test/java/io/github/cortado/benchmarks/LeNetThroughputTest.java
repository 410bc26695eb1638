package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.LeNetThroughput.DifferentStepsException;
import io.github.cortado.benchmarks.LeNetThroughput.Settings;
import io.github.cortado.io.Json;
import io.github.cortado.models.LeNet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeNetThroughputTest {
    @Test
    void theDefaultsAreThePeers() {
        Settings s = Settings.parse(List.of());
        assertEquals(100, s.batch());
        assertEquals(10_000, s.images());
        assertEquals(3, s.reps());
        assertEquals("cpu", s.device());
    }

    @Test
    void fewerPicturesThanABatchAreRefused() {
        assertThrows(
                UsageException.class,
                () -> Settings.parse(List.of("--images", "5", "--batch", "6")));
    }

    @Test
    void trainingPassesItsCheckAndPrintsALineThatParses() throws Exception {
        // 23 pictures: five whole batches of 4, and three that make none.
        Settings s = new Settings("cpu", 1, 4, 23, 40, 8, false, false, false);
        List<Object> before = new ArrayList<>();
        Map<String, Object> all =
                new LeNetThroughput(s).run(soFar -> before.add(soFar.get("images_per_second")));
        Map<?, ?> line = (Map<?, ?>) Json.parse(Json.write(all));
        // A line after every repetition: what is cut off has said what it had measured.
        assertEquals(39, before.size());
        assertEquals(3, ((List<?>) before.get(2)).size());
        assertEquals(40, ((List<?>) line.get("images_per_second")).size());
        assertTrue((Long) line.get("median") > 0);
        double first = (Double) line.get("first_loss");
        assertEquals(Math.log(10), first, 0.2);
        // Two hundred steps on twenty pictures: the network has begun to know them.
        assertTrue((Double) line.get("last_loss") < first - 0.5, line.toString());
    }

    @Test
    void inferencePassesItsCheckOnTheScalarBackend() {
        Settings s = new Settings("cpu-scalar", 1, 2, 4, 1, 2, true, false, false);
        Map<String, Object> line = new LeNetThroughput(s).run(soFar -> {});
        assertEquals(true, line.get("infer"));
        assertEquals(Math.log(10), (Double) line.get("last_loss"), 0.2);
    }

    @Test
    void compiledStepsPassTheSameCheck() {
        Settings s = new Settings("cpu", 1, 2, 4, 1, 2, false, true, false);
        assertEquals("graph", new LeNetThroughput(s).run(soFar -> {}).get("mode"));
    }

    @Test
    void aBatchOfOnePictureIsOne() {
        Settings s = new Settings("cpu", 1, 1, 2, 1, 1, false, false, false);
        assertEquals(1, new LeNetThroughput(s).run(soFar -> {}).get("batch"));
    }

    @Test
    void anUnknownModeAndADeviceWithoutTf32AreRefused() {
        assertThrows(UsageException.class, () -> Settings.parse(List.of("--mode", "fast")));
        Settings s = new Settings("cpu", 1, 2, 4, 1, 2, false, false, true);
        assertThrows(UsageException.class, () -> new LeNetThroughput(s));
    }

    @Test
    void oneBitOfDifferenceFailsTheCheckAndIsNamed() {
        List<float[]> ordinary = List.of(new float[] {2.3f}, new float[] {1, 0});
        LeNetThroughput.requireSame(List.of(new float[] {2.3f}, new float[] {1, 0}), ordinary, 1);
        String loss = difference(List.of(new float[] {Math.nextUp(2.3f)}, new float[] {1, 0}));
        assertTrue(loss.startsWith("step 1 differs"), loss);
        String sign = difference(List.of(new float[] {2.3f}, new float[] {1, -0f}));
        assertTrue(sign.startsWith("parameter 0 differs"), sign);
        assertTrue(sign.contains("element 1: -0.0, there 0.0"), sign);
        difference(List.of(new float[] {2.3f}));
        difference(List.of(new float[] {2.3f}, new float[] {1}));
    }

    private static String difference(List<float[]> taken) {
        List<float[]> ordinary = List.of(new float[] {2.3f}, new float[] {1, 0});
        return assertThrows(
                        DifferentStepsException.class,
                        () -> LeNetThroughput.requireSame(taken, ordinary, 1))
                .getMessage();
    }

    @Test
    void theCostOfLeNetFollowsFromTheShapesOfItsWeights() {
        Map<String, Tensor> weights = new LeNet().namedParameters();
        long forward = 0;
        // Every weight is used once for each pixel of its layer's output.
        Map<String, Integer> pixels = Map.of("conv1", 32 * 32, "conv2", 16 * 16, "conv3", 8 * 8);
        for (Map.Entry<String, Tensor> w : weights.entrySet()) {
            if (w.getKey().endsWith(".weight")) {
                String layer = w.getKey().substring(0, w.getKey().indexOf('.'));
                forward += 2L * w.getValue().size() * pixels.getOrDefault(layer, 1);
            }
        }
        assertEquals(forward, LeNetCost.forward());
        assertEquals(19_027_248, LeNetCost.training());
        assertTrue(LeNetCost.formula(false).contains("19027248"), LeNetCost.formula(false));
    }

    @Test
    void adamsBenchmarkNamesTheNumberOfParameters() {
        assertEquals(541_094, new LeNet().parameters().stream().mapToInt(Tensor::size).sum());
    }
}
