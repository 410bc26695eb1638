package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files given as --model that are none, or none of this network. */
final class ModelFileTest {
    @TempDir private Path directory;

    private void refused(String reason) {
        Path file = directory.resolve("model.safetensors");
        for (String[] command :
                new String[][] {
                    {"evaluate", "--dataset=synthetic", "--limit-valid=10", "--model=" + file},
                    {"classify", "none.png", "--model=" + file}
                }) {
            Ran ran = Ran.run(command);
            assertEquals(1, ran.exitCode(), ran.err()::toString);
            assertEquals(1, ran.err().size(), ran.err()::toString);
            String start = "error: --model: " + file + ": ";
            assertTrue(ran.err().get(0).startsWith(start + reason), ran.err()::toString);
        }
    }

    private void save(Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        SafeTensors.save(directory.resolve("model.safetensors"), tensors, metadata);
    }

    private static Map<String, Tensor> weights() {
        Seed.manualSeed(1);
        return new LinkedHashMap<>(new LeNet().stateDict());
    }

    @Test
    void classesThatDoNotFitAreRefused() throws IOException {
        for (String classes :
                new String[] {"cat", "a,b,c,d,e,f,g,h,i,j,k", ",,,,,,,,,", "a,a,a,a,a,a,a,a,a,a"}) {
            save(weights(), Map.of("classes", classes));
            refused(
                    "its classes are '"
                            + classes
                            + "', expected 10 different names, one for each"
                            + " output");
        }
    }

    @Test
    void weightsThatAreNotNumbersAreRefused() throws IOException {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Map<String, Tensor> tensors = weights();
            float[] values = tensors.get("conv2.weight").toFloats();
            values[7] = bad;
            tensors.put(
                    "conv2.weight", Tensor.of(values, tensors.get("conv2.weight").shape().dims()));
            save(tensors, Map.of());
            refused("conv2.weight holds values that are no numbers");
        }
    }

    @Test
    void filesThatAreNoModelAreNamedOnce() throws IOException {
        Path file = directory.resolve("model.safetensors");
        Files.write(file, new byte[] {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0});
        refused("not a safetensors file but a zip, as PyTorch's format is");
        Map<String, Tensor> tensors = weights();
        tensors.remove("fc2.bias");
        save(tensors, Map.of());
        refused("");
    }
}
