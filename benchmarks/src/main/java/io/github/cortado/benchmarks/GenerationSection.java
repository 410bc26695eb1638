package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Comparison.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Text that a small GPT writes, as {@link GenerationThroughput} and {@code generate_torch.py} write
 * it: the same text of the same weights, before anything is timed.
 */
record GenerationSection(Programs programs) implements Section {
    private static final String SCRIPT = "generate_torch.py";
    private static final String SYMBOLS = "200";

    @Override
    public void prepare(Measurements m) {
        Path file = null;
        try {
            file = Files.createTempFile("cortado-text", ".safetensors");
            String[] symbols = {"--symbols", SYMBOLS};
            programs.python(SCRIPT, Programs.plus(symbols, "--export", file.toString())).json();
            Program ours = ours("--check", file.toString());
            m.detail("text", ours, ours.json());
        } catch (IOException e) {
            throw new Program.FailedException("no file for a text: " + e);
        } finally {
            Program.delete(file);
        }
    }

    private Program ours(String... words) {
        String device = programs.options().text("device");
        return programs.java(GenerationThroughput.class, Programs.plus(words, "--device", device));
    }

    @Override
    public void measure(Measurements m) {
        String[] words = {
            "--symbols", SYMBOLS,
            "--steps", programs.options().text("steps"),
            "--warmup", programs.options().text("warmup")
        };
        m.note("text " + OURS, ours(words), "symbols_per_second");
        m.note("text PyTorch", programs.python(SCRIPT, words), "symbols_per_second");
    }

    @Override
    public List<Row> rows(Measurements m) {
        return List.of(
                Row.rate(
                        "GPT, a text of " + SYMBOLS + " symbols",
                        "symbols/s",
                        "PyTorch",
                        m.series("text " + OURS),
                        m.series("text PyTorch"),
                        Double.NaN));
    }
}
