package io.github.cortado.benchmarks.nets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.nets.PeerLosses.DifferentException;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.io.SafeTensorsException;
import io.github.cortado.nn.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerLossesTest {
    private static final Network NET = Network.MLP;

    @TempDir private Path dir;

    @Test
    void theSameNetworkPassesInFloat32AndInFloat64() throws Exception {
        Path file = write(file(), "669706");
        Map<String, Object> fast = PeerLosses.check(NET, file, Device.cpu());
        assertEquals("float32", fast.get("dtype"));
        assertEquals(5, ((List<?>) fast.get("losses")).size());
        Map<String, Object> exact = PeerLosses.check(NET, file, Device.cpuScalar());
        assertEquals("float64", exact.get("dtype"));
        // The same arithmetic, but not the same seed: the weights are the file's.
        assertEquals(exact.get("expected"), exact.get("losses"));
    }

    @Test
    @Tag("thorough")
    void aLossThatIsAnotherIsNamedWithItsStep() throws Exception {
        Map<String, Tensor> tensors = file();
        double[] losses = losses(tensors);
        losses[3] += 2e-4;
        tensors.put("losses.float64", Tensor.of(losses, 5));
        tensors.put("losses", Tensor.of(losses, 5));
        tensors.put("losses.nhwc", Tensor.of(losses, 5));
        String message = difference(tensors, "669706");
        assertTrue(message.startsWith("mlp: step 4 has the loss "), message);
    }

    @Test
    @Tag("thorough")
    void whereThePeerIsItselfInDoubtMoreIsAllowed() throws Exception {
        Map<String, Tensor> tensors = file();
        double[] losses = losses(tensors);
        losses[1] += 1e-4;
        tensors.put("losses.nhwc", Tensor.of(losses.clone(), 5));
        losses[1] -= 1e-4;
        losses[3] += 4e-4;
        tensors.put("losses.float64", Tensor.of(losses, 5));
        tensors.put("losses", Tensor.of(losses, 5));
        PeerLosses.check(NET, write(tensors, "669706"), Device.cpu());
        Path file = write(tensors, "669706");
        // Float64 is no matter of rounding.
        assertThrows(
                DifferentException.class, () -> PeerLosses.check(NET, file, Device.cpuScalar()));
    }

    @Test
    void noLossAtAllIsNotNear() {
        assertThrows(
                DifferentException.class,
                () ->
                        PeerLosses.requireNear(
                                NET,
                                new double[] {Double.NaN},
                                new double[] {1},
                                new double[] {1}));
    }

    @Test
    @Tag("thorough")
    void anotherCountOfParametersOrAnotherWeightIsAnotherNetwork() throws Exception {
        String message = difference(file(), "669705");
        assertEquals("mlp: 669706 parameters, PyTorch's has 669705", message);
        Map<String, Tensor> tensors = file();
        tensors.remove("model.net.3.bias");
        message = difference(tensors, "669706");
        assertTrue(message.contains("net.3.bias"), message);
    }

    @Test
    void aFileOfAnotherNetworkIsRefused() throws Exception {
        Path file = write(file(), "669706");
        String message =
                assertThrows(
                                SafeTensorsException.class,
                                () -> PeerLosses.check(Network.VIT, file, Device.cpu()))
                        .getMessage();
        assertTrue(message.endsWith("expected losses of vit, got mlp"), message);
    }

    @Test
    void manyStepsTakeTheirBatchesInTurnAndAreReported() throws Exception {
        Map<String, Tensor> tensors = file(30, new long[][] {{3, 8}, {4, 4}});
        Map<String, Object> report = PeerLosses.check(NET, write(tensors, "669706"), Device.cpu());
        assertTrue((Double) report.get("largest_difference") < 1e-4, report.toString());
        assertEquals(0.0, report.get("mean_difference_of_layouts"));
        assertEquals((Double) report.get("expected_end"), (Double) report.get("end"), 1e-4);
        assertTrue((Double) report.get("end") < Math.log(Network.CLASSES), report.toString());
        // As if all had been taken on the first.
        tensors.put("y", Tensor.of(new long[] {3, 8, 3, 8}, 2, 2));
        String message = difference(tensors, "669706");
        assertTrue(message.startsWith("mlp: the last 20 losses of 30 are "), message);
    }

    @Test
    void theEndMayBeAsFarAwayAsPyTorchIsFromItself() {
        double[] nchw = {3, 2, 1};
        double[] nhwc = {3, 2, 1.3};
        LongRun near = new LongRun(new double[] {3, 2.05, 1.2}, nchw, nhwc);
        Map<String, Object> report = near.requireSameEnd(NET).report();
        assertEquals(0.2, (Double) report.get("largest_difference"), 1e-12);
        assertEquals(0.25 / 3, (Double) report.get("mean_difference"), 1e-12);
        assertEquals(0.3, (Double) report.get("largest_difference_of_layouts"), 1e-12);
        assertEquals(0.1, (Double) report.get("mean_difference_of_layouts"), 1e-12);
        for (double worse : new double[] {1.4, 0.6, Double.NaN}) {
            LongRun far = new LongRun(new double[] {3, 2, worse}, nchw, nhwc);
            assertThrows(DifferentException.class, () -> far.requireSameEnd(NET));
        }
    }

    private String difference(Map<String, Tensor> tensors, String parameters) throws IOException {
        Path file = write(tensors, parameters);
        return assertThrows(
                        DifferentException.class, () -> PeerLosses.check(NET, file, Device.cpu()))
                .getMessage();
    }

    private static double[] losses(Map<String, Tensor> tensors) {
        return losses(tensors, "losses.float64");
    }

    private static double[] losses(Map<String, Tensor> tensors, String name) {
        return tensors.getOrDefault(name, Tensor.zeros(5)).toDoubles();
    }

    private Path write(Map<String, Tensor> tensors, String parameters) throws IOException {
        Path file = dir.resolve("losses.safetensors");
        SafeTensors.save(
                file,
                tensors,
                Map.of("net", NET.word(), "torch", "none", "parameters", parameters));
        return file;
    }

    /** As the script writes one, but by the scalar backend. */
    private static Map<String, Tensor> file() {
        Map<String, Tensor> tensors = file(5, new long[][] {{3, 8}});
        tensors.put("losses.float64", Tensor.of(losses(tensors, "losses"), 5));
        return tensors;
    }

    /** Of so many steps, on batches with these labels in turn. */
    private static Map<String, Tensor> file(int count, long[][] labels) {
        Layer model = NET.model();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.stateDict().forEach((name, w) -> tensors.put("model." + name, w.copy()));
        float[] pixels = new float[NET.input(2).size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        Tensor x = Tensor.of(pixels, NET.input(2));
        List<Tensor> batches = Stream.of(labels).map(y -> Tensor.of(y, 2)).toList();
        Device device = Device.cpuScalar();
        Steps steps =
                new Steps(
                        NET,
                        model.to(device, DType.FLOAT64),
                        x.to(device).to(DType.FLOAT64),
                        batches.get(0).copy(),
                        false);
        double[] losses = new double[count];
        for (int i = 0; i < count; i++) {
            steps.give(x, batches.get(i % batches.size()));
            losses[i] = steps.eager();
        }
        tensors.put(
                "x",
                Tensor.cat(0, Stream.of(labels).map(y -> x.unsqueeze(0)).toArray(Tensor[]::new)));
        tensors.put(
                "y",
                Tensor.cat(0, batches.stream().map(y -> y.unsqueeze(0)).toArray(Tensor[]::new)));
        for (String name : List.of("losses", "losses.nhwc")) {
            tensors.put(name, Tensor.of(losses, count));
        }
        return tensors;
    }
}
