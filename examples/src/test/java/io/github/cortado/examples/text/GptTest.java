package io.github.cortado.examples.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.Threads;
import io.github.cortado.examples.Ran;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program {@code gpt} from end to end, with a tiny model on a text with a pattern. */
final class GptTest {
    @TempDir private static Path directory;
    private static Path text;
    private static Path out;
    private static Ran ran;

    @BeforeAll
    static void train() throws IOException {
        text = directory.resolve("text.txt");
        Files.writeString(text, "abcd efgh. ".repeat(150));
        out = directory.resolve("out");
        ran = gpt(out, "--export=" + directory.resolve("steps.safetensors"));
    }

    private static Ran gpt(Path to, String... more) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "gpt",
                                "--text=" + text,
                                "--context=16",
                                "--width=16",
                                "--layers=2",
                                "--heads=2",
                                "--batch-size=8",
                                "--lr=0.01",
                                "--prompt=abcd",
                                "--sample=60",
                                "--temperature=0",
                                "--valid-every=50",
                                "--out=" + to));
        args.addAll(List.of(more));
        if (args.stream().noneMatch(arg -> arg.startsWith("--steps="))) {
            args.add("--steps=120");
        }
        if (args.stream().noneMatch(arg -> arg.startsWith("--dropout="))) {
            args.add("--dropout=0");
        }
        return Ran.run(args.toArray(String[]::new));
    }

    @Test
    void itLearnsThePatternAndWritesItOn() throws IOException {
        assertEquals(0, ran.exitCode(), ran.err()::toString);
        Map<?, ?> history = (Map<?, ?>) Json.load(out.resolve("history.json"));
        List<?> losses = (List<?>) history.get("train_loss");
        assertEquals(120, losses.size());
        assertEquals(Math.log(10), (Double) losses.get(0), 0.3, "ten characters, nothing known");
        List<?> valid = (List<?>) history.get("valid_loss");
        assertEquals(List.of(50L, 100L, 120L), history.get("valid_step"));
        double last = (Double) valid.get(2);
        assertTrue(last < 0.3, "the place in the pattern has to be found out first: " + last);
        String expected = ("abcd efgh. ".repeat(10)).substring(0, 64);
        assertEquals(expected, Files.readString(out.resolve("sample.txt")));
        assertTrue(ran.out().get(0).startsWith("1650 characters, 10 different ones; a model of "));
    }

    @Test
    void theSameSeedGivesTheSameLossesWhateverTheThreads() throws IOException {
        Path again = directory.resolve("again");
        int threads = Threads.count();
        try {
            assertEquals(0, gpt(again, "--threads=3").exitCode());
        } finally {
            Threads.setCount(threads);
        }
        assertEquals(losses(out), losses(again));
        assertEquals(
                -1,
                Files.mismatch(
                        out.resolve("model.safetensors"), again.resolve("model.safetensors")));
        Path dropped = directory.resolve("dropped");
        assertEquals(0, gpt(dropped, "--steps=3", "--dropout=0.5").exitCode());
        assertNotEquals(losses(out).get(0), losses(dropped).get(0));
    }

    private static List<?> losses(Path run) throws IOException {
        return (List<?>) ((Map<?, ?>) Json.load(run.resolve("history.json"))).get("train_loss");
    }

    @Test
    void whatIsExportedIsWhereTrainingBegan() throws IOException {
        Map<String, Tensor> tensors = SafeTensors.load(directory.resolve("steps.safetensors"));
        assertArrayEquals(new int[] {120, 8}, tensors.get("starts").shape().dims());
        for (long start : tensors.get("starts").toLongs()) {
            assertTrue(start >= 0 && start + 16 < 1485, "within the first nine tenths: " + start);
        }
        double[] rates = tensors.get("rates").toDoubles();
        assertEquals(0.01 / 12, rates[0], 1e-9);
        assertEquals(0.01, rates[11], 1e-9);
        assertTrue(rates[119] < 0.00102 && rates[119] > 0.001, "a tenth at the end");
        assertTrue(tensors.containsKey("model.transformer.h.1.mlp.c_fc.weight"));
        assertEquals(
                "2", SafeTensors.metadata(directory.resolve("steps.safetensors")).get("heads"));
    }

    @Test
    void aSavedModelWritesWithoutTraining() throws IOException {
        Path later = directory.resolve("later");
        Ran wrote = gpt(later, "--steps=0", "--start=" + out.resolve("model.safetensors"));
        assertEquals(0, wrote.exitCode(), wrote.err()::toString);
        assertEquals(
                Files.readString(out.resolve("sample.txt")),
                Files.readString(later.resolve("sample.txt")));
        Path other = directory.resolve("other.txt");
        Files.writeString(other, "xyz ".repeat(500));
        Ran refused =
                Ran.run(
                        "gpt",
                        "--text=" + other,
                        "--context=16",
                        "--prompt=x",
                        "--start=" + out.resolve("model.safetensors"),
                        "--out=" + later);
        assertEquals(1, refused.exitCode());
        assertTrue(
                refused.err().get(0).endsWith("is of a text with other characters"),
                refused.err()::toString);
    }

    @Test
    void theBuiltInTextIsRead() {
        Ran wrote =
                Ran.run(
                        "gpt",
                        "--steps=0",
                        "--width=8",
                        "--layers=1",
                        "--heads=1",
                        "--sample=5",
                        "--out=" + directory.resolve("untrained"));
        assertEquals(0, wrote.exitCode(), wrote.err()::toString);
        assertTrue(
                wrote.out().get(0).startsWith("97950 characters, 70 different ones"),
                wrote.out()::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--steps=-1            | --steps: expected 0 or more, got -1",
                "--heads=5             | --heads: 5 heads cannot share a width of 128",
                "--dropout=1           | --dropout: expected 0 to below 1, got 1.0",
                "--lr=0                | --lr: expected a number above 0, got 0.0",
                "--context=20000       | their last tenth has to be longer than --context, 20000",
                "--prompt=%            | --prompt: '%' is not in the text",
                "--text=none.txt       | --text: there is no file none.txt",
                "--start=none          | --start: there is no file none",
                "--device=gpu          | --device:",
                "--temperature=-1      | --temperature, --top-k: expected 0 or more, got -1.0 and 0",
                "--step=3              | Unknown option: '--step=3'",
            })
    void mistakesAreExplainedInOneLine(String option, String explanation) {
        Ran refused = Ran.run("gpt", option.strip(), "--out=" + directory.resolve("refused"));
        assertEquals(2, refused.exitCode(), refused.err()::toString);
        assertEquals(1, refused.err().size(), refused.err()::toString);
        assertTrue(refused.err().get(0).contains(explanation.strip()), refused.err()::toString);
    }

    @Test
    void withoutACommandAllAreNamed() {
        Ran none = Ran.run();
        assertEquals(2, none.exitCode());
        assertTrue(
                none.err().get(0).contains("expected a command, one of gpt"), none.err()::toString);
        assertThrows(IllegalArgumentException.class, () -> Alphabet.of("ab").encode("c"));
    }
}
