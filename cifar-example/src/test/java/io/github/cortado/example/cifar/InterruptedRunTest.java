package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.Device;
import io.github.cortado.io.Json;
import io.github.cortado.vision.SyntheticShapes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InterruptedRunTest {
    @TempDir private Path directory;

    /** 3 steps and 2 batches of validation make an epoch. */
    private String runUntil(int question) throws IOException {
        StringWriter printed = new StringWriter();
        PrintWriter out = new PrintWriter(printed, true);
        int[] asked = {0};
        Pictures pictures =
                new Pictures(
                        SyntheticShapes.train(30, 0),
                        SyntheticShapes.test(20, 0),
                        Pictures.NOT_CIFAR,
                        false);
        TrainRun run =
                new TrainRun(
                        new TrainRun.Settings(Recipe.LENET, 9, 10, 1e-3, 0, 0, false, false, false),
                        Device.cpu(),
                        pictures,
                        RunFiles.open(directory, out),
                        new RunInfo(
                                Map.of("device", "cpu", TrainCommand.TRANSFORMS, "none"),
                                Map.of("started", "now")),
                        new TrainRun.Terminal(
                                out, new ProgressBar(out, false), () -> ++asked[0] == question));
        assertFalse(run.run());
        assertEquals(question, asked[0], "stopped at once");
        return printed.toString();
    }

    private List<?> history() throws IOException {
        return (List<?>) Json.load(directory.resolve("history.json"));
    }

    @Test
    void whatWasDoneIsWritten() throws IOException {
        Ran.assumeFonts();
        String printed = runUntil(7);
        assertTrue(printed.contains("Ended early: interrupted in epoch 2, after step 5."), printed);
        assertEquals(1, history().size());
        for (String file :
                List.of("model.safetensors", "loss.png", "confusion.png", "predictions.png")) {
            assertTrue(Files.exists(directory.resolve(file)), file);
        }
        String report = Files.readString(directory.resolve("report.html"));
        assertTrue(report.contains("The run ended early: interrupted in epoch 2"));
    }

    @Test
    void anInterruptionDuringValidationCountsTheEpochAsNotCompleted() throws IOException {
        String printed = runUntil(4);
        assertTrue(printed.contains("interrupted in the validation of epoch 1"), printed);
        assertEquals(List.of(), history());
        assertTrue(Files.exists(directory.resolve("model.safetensors")));
        assertTrue(
                Files.readString(directory.resolve("report.html"))
                        .contains("No epoch was completed."));
    }

    @Test
    void aSignalEndsAProcessAfterWriting() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows has no SIGTERM");
        List<String> args =
                List.of(
                        "--dataset=synthetic",
                        "--epochs=100000",
                        "--limit-train=100",
                        "--limit-valid=50",
                        "--out=" + directory);
        Process process = Ran.process(List.of(), args).redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("          valid: ")) {
                line = lines.readLine();
            }
            assertTrue(line != null, "an epoch was completed");
            // The way of SIGINT too, which a shell may have told this process's children to ignore.
            process.toHandle().destroy();
            List<String> rest = lines.lines().toList();
            assertTrue(
                    rest.stream().anyMatch(l -> l.startsWith("Ended early: interrupted in ")),
                    rest::toString);
            assertTrue(rest.stream().anyMatch(l -> l.startsWith("Written to ")), rest::toString);
        }
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals(128 + 15, process.exitValue());
        assertFalse(history().isEmpty());
        assertTrue(Files.exists(directory.resolve("report.html")));
    }
}
