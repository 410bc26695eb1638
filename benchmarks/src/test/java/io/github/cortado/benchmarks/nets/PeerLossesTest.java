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
                                NET, List.of(Double.NaN), new double[] {1}, new double[] {1}));
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

    private String difference(Map<String, Tensor> tensors, String parameters) throws IOException {
        Path file = write(tensors, parameters);
        return assertThrows(
                        DifferentException.class, () -> PeerLosses.check(NET, file, Device.cpu()))
                .getMessage();
    }

    private static double[] losses(Map<String, Tensor> tensors) {
        return tensors.getOrDefault("losses.float64", Tensor.zeros(5)).toDoubles();
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
        Layer model = NET.model();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.stateDict().forEach((name, w) -> tensors.put("model." + name, w.copy()));
        float[] pixels = new float[NET.input(2).size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        Tensor x = Tensor.of(pixels, NET.input(2));
        Tensor y = Tensor.of(new long[] {3, 8}, 2);
        Device device = Device.cpuScalar();
        Steps steps =
                new Steps(
                        NET,
                        model.to(device, DType.FLOAT64),
                        x.to(device).to(DType.FLOAT64),
                        y,
                        false);
        double[] losses = new double[5];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = steps.eager();
        }
        tensors.put("x", x);
        tensors.put("y", y);
        for (String name : List.of("losses", "losses.nhwc", "losses.float64")) {
            tensors.put(name, Tensor.of(losses, 5));
        }
        return tensors;
    }
}
