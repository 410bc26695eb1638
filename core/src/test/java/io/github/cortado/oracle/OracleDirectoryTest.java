package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oracle's own rules: what it must not let pass. */
class OracleDirectoryTest {
    @TempDir Path dir;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    @BeforeEach
    void twiceX() {
        tensors.put("c/x", Tensor.of(new float[] {1, -2, 3}));
        tensors.put("c/y", Tensor.of(new float[] {1, 0, 3}));
        tensors.put("c/gy", Tensor.of(new float[] {5, 6, 7}));
        tensors.put("c/grad_x", Tensor.of(new float[] {5, 0, 7}));
    }

    @Test
    void aRightCasePasses() throws Exception {
        assertEquals(List.of(), run(manifest("relu", "{}")));
    }

    @Test
    void anUnknownOperationFails() throws Exception {
        assertEquals(List.of("c: unknown op relu7"), run(manifest("relu7", "{}")));
    }

    @Test
    void anUnknownAttributeFails() throws Exception {
        assertEquals(
                List.of("c: relu: unknown attributes [upside_down]"),
                run(manifest("relu", "{\"upside_down\": true}")));
    }

    @Test
    void anAttributeThatCortadoLacksFailsUnlessItHasTheDefault() throws Exception {
        tensors.put("c/y", Tensor.of(new float[] {0.8413447f, -0.04550026f, 2.9959507f}));
        tensors.put("c/grad_x", Tensor.of(new float[] {5.4165773f, -0.51139086f, 7.08362f}));
        assertEquals(List.of(), run(manifest("gelu", "{\"approximate\": \"none\"}")));
        assertEquals(
                List.of("c: gelu: approximate = tanh is not supported"),
                run(manifest("gelu", "{\"approximate\": \"tanh\"}")));
    }

    @Test
    void anUnknownInputOrKeyFails() throws Exception {
        tensors.put("c/pos_weight", Tensor.of(new float[] {1}));
        assertEquals(
                List.of("c: relu: unknown inputs [pos_weight]"),
                run(manifest("relu", "{}").replace("[\"x\"],", "[\"x\", \"pos_weight\"],")));
        assertTrue(
                run(manifest("relu", "{}").replace("\"grads\"", "\"tolerance\": 1, \"grads\""))
                        .get(0)
                        .startsWith("c: keys are [attrs, case, grads, inputs, op, tolerance]"));
    }

    @Test
    void aNanFailsWhereverItIs() throws Exception {
        tensors.put("c/y", Tensor.of(new float[] {1, Float.NaN, 3}));
        assertTrue(run(manifest("relu", "{}")).get(0).startsWith("c: y: relative error NaN"));
        twiceX();
        tensors.put("c/x", Tensor.of(new float[] {1, Float.NaN, 3}));
        assertTrue(run(manifest("relu", "{}")).get(0).startsWith("c: y: relative error NaN"));
    }

    @Test
    void aSlightlyWrongResultOrGradientFails() throws Exception {
        tensors.put("c/y", Tensor.of(new float[] {1, 0, 3.0001f}));
        assertTrue(run(manifest("relu", "{}")).get(0).startsWith("c: y: relative error 3."));
        twiceX();
        tensors.put("c/grad_x", Tensor.of(new float[] {5, 0, 7.0003f}));
        assertTrue(run(manifest("relu", "{}")).get(0).startsWith("c: grad_x: relative error 3."));
    }

    @Test
    void aMissingTensorOrAnotherShapeFails() throws Exception {
        tensors.put("c/y", Tensor.of(new float[] {1, 0, 3}, 1, 3));
        assertEquals(List.of("c: y: shape [3], expected [1, 3]"), run(manifest("relu", "{}")));
        tensors.remove("c/y");
        assertEquals(List.of("c: tensor c/y is missing"), run(manifest("relu", "{}")));
    }

    @Test
    void aCaseThatAppearsTwiceFailsAndSoDoesAnEmptyManifest() throws Exception {
        String one = manifest("relu", "{}");
        String two = "[" + one.substring(1, one.length() - 1) + "," + one.substring(1);
        assertEquals(
                "ops.json: two cases are called c",
                assertThrows(AssertionError.class, () -> run(two)).getMessage());
        assertEquals(List.of("0 cases ran, the manifest has 0"), run("[]"));
    }

    private static String manifest(String op, String attrs) {
        return """
               [{"case": "c", "op": "%s", "attrs": %s, "inputs": ["x"], "grads": ["x"]}]"""
                .formatted(op, attrs);
    }

    private List<String> run(String manifest) throws IOException {
        Json.save(dir.resolve("ops.json"), Json.parse(manifest));
        SafeTensors.save(dir.resolve("ops.safetensors"), tensors);
        Device device = Device.cpuScalar();
        return new OracleDirectory(dir)
                .runAll("ops", device, (c, own, e) -> OracleTest.operation(device, c, own, e));
    }

    @Test
    void aNamedDirectoryIsTakenRelativeToTheBuildsRoot() throws Exception {
        Path other = Files.createDirectories(dir.resolve("root/some/oracle"));
        Path root = dir.resolve("root");
        Path small = dir.resolve("small");
        assertEquals(other, OracleDirectory.find(root, "some/oracle", true, small).path());
        assertEquals(other, OracleDirectory.find(root, other.toString(), true, small).path());
        assertThrows(
                AssertionError.class, () -> OracleDirectory.find(root, "nowhere", false, small));
    }

    @Test
    void sharedBesideTheCheckoutIsTheDefaultAndOnCiTheSmallCopyMustNotHideIt() throws Exception {
        Path root = Files.createDirectories(dir.resolve("root"));
        Path small = dir.resolve("small");
        assertEquals(small, OracleDirectory.find(root, null, false, small).path());
        assertEquals(small, OracleDirectory.find(root, "", true, small).path());
        Files.createDirectories(dir.resolve("shared"));
        assertEquals(small, OracleDirectory.find(root, null, false, small).path());
        assertThrows(AssertionError.class, () -> OracleDirectory.find(root, null, true, small));
        Path beside = Files.createDirectories(dir.resolve("shared/oracle"));
        assertEquals(beside, OracleDirectory.find(root, null, true, small).path());
    }
}
