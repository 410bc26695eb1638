package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.GPT;
import io.github.cortado.models.Sampling;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationThroughputTest {
    private static Map<String, Object> run(String... words) {
        return GenerationThroughput.run(
                Arguments.parse(List.of(words), GenerationThroughput.defaults()));
    }

    @Test
    void symbolsASecondAreThoseOfTheMedianText() {
        Map<String, Object> answer = run("--symbols", "3", "--steps", "2", "--warmup", "1");
        assertEquals(3, answer.get("symbols"));
        assertTrue((double) answer.get("symbols_per_second") > 0, answer.toString());
    }

    /** The last symbol of which is another one. */
    @Test
    void anotherTextIsNotTheSame(@TempDir Path directory) throws Exception {
        GPT model = new GPT(new GPT.Sizes(96, 256, 192, 6, 6), 0);
        model.eval();
        Tensor text = model.generate(Tensor.of(new long[] {1}, 1, 1), 12, Sampling.greedy());
        for (long error : new long[] {0, 1}) {
            long[] symbols = text.toLongs();
            symbols[symbols.length - 1] = (symbols[symbols.length - 1] + error) % 96;
            Map<String, Tensor> all = new LinkedHashMap<>();
            model.stateDict().forEach((name, value) -> all.put("model." + name, value));
            all.put("text", Tensor.of(symbols, 1, symbols.length));
            Path file = directory.resolve("text" + error + ".safetensors");
            SafeTensors.save(file, all);
            Map<String, Object> answer =
                    GenerationThroughput.check(
                            Arguments.parse(
                                    List.of("--check", file.toString()),
                                    GenerationThroughput.defaults()));
            assertEquals(error == 0, answer.get("same"));
        }
    }
}
