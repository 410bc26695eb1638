package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.benchmarks.nets.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetThroughputTest {
    @Test
    void aLineHasTheSpeedAndWhatItIsTheSpeedOf() {
        Map<String, Object> line = run("--net", "mlp", "--batch", "3");
        assertEquals("mlp", line.get("net"));
        assertEquals(669_706, line.get("parameters"));
        assertTrue((Double) line.get("items_per_second") >= (Double) line.get("slowest"));
        assertTrue((Double) line.get("slowest") > 0, line.toString());
        assertTrue(line.get("step").toString().contains("again and again"), line.toString());
    }

    @Test
    void inferenceChangesNothing() {
        Map<String, Object> line = run("--net", "lenet", "--batch", "1", "--infer");
        Map<String, Object> again =
                run("--net", "lenet", "--batch", "1", "--infer", "--mode", "eager");
        assertEquals(line.get("last"), again.get("last"));
        assertEquals("runs as it is written", again.get("step"));
    }

    private static Map<String, Object> run(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of("--steps", "3", "--warmup", "0"));
        return NetThroughput.run(Arguments.parse(line, NetThroughput.defaults()));
    }

    @Test
    void anUnknownNetworkIsRefusedWithTheNamesOfAll() {
        Arguments a = Arguments.parse(List.of("--net", "vgg"), NetThroughput.defaults());
        String message =
                assertThrows(UsageException.class, () -> NetThroughput.run(a)).getMessage();
        assertTrue(message.contains("lenet or mlp"), message);
        Arguments both = Arguments.parse(List.of("--net", "mlp,vgg"), Compare.defaults());
        message = assertThrows(UsageException.class, () -> NetSection.chosen(both)).getMessage();
        assertTrue(message.contains("'vgg'"), message);
    }

    @Test
    void thePeersFasterLayoutIsTheOneThatCounts() {
        NetSection section = new NetSection(programs("--net", "resnet18,vit"), false);
        Measurements m = new Measurements();
        for (double figure : List.of(90.0, 110.0, 100.0)) {
            m.add("resnet18 training Cortado", figure);
            m.add("resnet18 training nchw", figure / 2);
            m.add("resnet18 training nhwc", figure * 2);
            m.add("vit training Cortado", figure);
            m.add("vit training nchw", figure);
        }
        List<Row> rows = section.rows(m);
        assertEquals("PyTorch nhwc", rows.get(0).peer());
        assertEquals(0.5, rows.get(0).ratio());
        assertEquals("resnet18 training, batch 32", rows.get(0).what());
        assertEquals("PyTorch nchw", rows.get(1).peer());
    }

    @Test
    void besideOnnxRuntimeAreTheNetworksThatAreWrittenForIt() {
        OnnxSection section = new OnnxSection(programs("--net", "lenet,vgg11", "--batch", "7"));
        Measurements m = new Measurements();
        m.add("onnx vgg11 Cortado", 30);
        m.add("onnx vgg11 ONNX Runtime", 20);
        List<Row> rows = section.rows(m);
        assertEquals(1, rows.size());
        assertEquals("vgg11 inference, batch 7", rows.get(0).what());
        assertEquals(1.5, rows.get(0).ratio());
        String message = assertThrows(UsageException.class, () -> section.prepare(m)).getMessage();
        assertTrue(message.contains("com.microsoft.onnxruntime:onnxruntime"), message);
    }

    private static Section.Programs programs(String... words) {
        return new Section.Programs(Arguments.parse(List.of(words), Compare.defaults()));
    }

    @Test
    void bothProgramsHaveTheOptionsThatTheyAreGiven() throws Exception {
        Map<String, String> defaults = new LinkedHashMap<>(Compare.defaults());
        String[] words = NetSection.words(Arguments.parse(List.of(), defaults), Network.VIT, true);
        Arguments.parse(List.of(words), NetThroughput.defaults());
        String directory = defaults.getOrDefault("scripts", "");
        Path root = Path.of(System.getProperty("cortado.root", ".."));
        String script = Files.readString(root.resolve(directory).resolve("nets_torch.py"));
        for (String word : words) {
            assertTrue(!word.startsWith("--") || script.contains("\"" + word + "\""), word);
        }
        for (String net : Network.words()) {
            assertTrue(script.contains("\"" + net + "\": Net("), net);
        }
    }
}
