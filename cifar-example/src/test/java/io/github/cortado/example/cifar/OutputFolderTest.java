package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that share a directory, are killed, or find their files damaged. */
final class OutputFolderTest {
    private static final String CHECKPOINT = "checkpoint.safetensors";
    private static final String HISTORY = "history.json";
    private static final String UUID = ".0f8fad5b-d9cb-469f-a165-70867728950e";

    @TempDir private static Path directory;
    private static Path whole;

    @BeforeAll
    static void aRunThatNobodyDisturbs() {
        whole = directory.resolve("whole");
        Ran ran = train(whole, "--epochs=2");
        assertEquals(0, ran.exitCode(), ran.err()::toString);
    }

    private static List<String> arguments(Path to, String... more) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "--dataset=synthetic",
                                "--limit-train=100",
                                "--limit-valid=50",
                                "--out=" + to));
        args.addAll(List.of(more));
        if (args.stream().noneMatch(arg -> arg.startsWith("--seed="))) {
            args.add("--seed=5");
        }
        return args;
    }

    private static Ran train(Path to, String... more) {
        return Ran.run(arguments(to, more).toArray(String[]::new));
    }

    private static ProcessBuilder program(Path to, String... more) {
        return Ran.process(List.of(), arguments(to, more)).redirectErrorStream(true);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void aSecondRunInTheSameFolderIsRefusedUntilTheFirstIsKilled() throws Exception {
        Path shared = directory.resolve("shared");
        Process first = program(shared, "--epochs=100000").start();
        try (BufferedReader lines = first.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("epoch  2, train")) {
                line = lines.readLine();
            }
            assertTrue(line != null, "an epoch was completed and saved");
            for (String resume : List.of("--resume", "--no-augmentation")) {
                Ran second = train(shared, "--epochs=3", resume);
                assertEquals(2, second.exitCode(), second.out()::toString);
                assertEquals(
                        List.of(
                                "error: --out: another run is writing to %s; wait for its end, or"
                                                .formatted(shared)
                                        + " name another directory"),
                        second.err());
            }
        } finally {
            first.destroyForcibly();
        }
        assertTrue(first.waitFor(2, TimeUnit.MINUTES));
        Ran resumed = train(shared, "--epochs=100000", "--resume", "--lr=7");
        assertTrue(
                resumed.err().get(0).endsWith("is of a run with --lr 0.001, not 7.0"),
                "the lock went with the process: " + resumed.err());
    }

    @Test
    void aRunKilledBeforeItsReportIsBroughtToItsEndWithTheSameFigures() throws Exception {
        Path killed = directory.resolve("killed");
        copy(whole, killed);
        for (String later :
                List.of("per_class.json", "confusion.png", "predictions.png", "report.html")) {
            Files.deleteIfExists(killed.resolve(later));
        }
        Files.writeString(killed.resolve(".report.html" + UUID), "<html>");
        Files.writeString(killed.resolve(".model.safetensors" + UUID), "half");
        Files.writeString(killed.resolve(".notes.txt" + UUID), "somebody else's");
        Ran resumed = train(killed, "--epochs=2", "--resume");
        assertEquals(0, resumed.exitCode(), resumed.err()::toString);
        assertTrue(
                resumed.out().contains("All 2 epochs are done; writing the report."),
                resumed.out()::toString);
        for (String name : List.of("per_class.json", HISTORY, "model.safetensors", CHECKPOINT)) {
            assertEquals(-1, Files.mismatch(whole.resolve(name), killed.resolve(name)), name);
        }
        assertEquals(report(whole), report(killed));
        try (Stream<Path> files = Files.list(killed)) {
            assertEquals(
                    List.of(".lock", ".notes.txt" + UUID),
                    files.map(f -> f.getFileName().toString())
                            .filter(name -> name.startsWith("."))
                            .sorted()
                            .toList());
        }
        Ran again = train(killed, "--epochs=2", "--resume");
        assertTrue(
                again.err().get(0).endsWith("2 epochs are done, --epochs is 2"), "no more to do");
    }

    /** Without when it was and how long it took. */
    private static String report(Path run) throws IOException {
        return Files.readString(run.resolve("report.html"))
                .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC", "TIME")
                .replaceAll("in \\d+\\.\\d s\\.", "in SECONDS.")
                .replaceAll("<th>duration</th><td>[^<]*", "SECONDS");
    }

    @Test
    void theHistoryOfAResumedRunIsItsOwnWhateverHistoryLiesThere() throws Exception {
        Path mixed = directory.resolve("mixed");
        assertEquals(0, train(mixed, "--epochs=1").exitCode());
        List<?> own = (List<?>) Json.load(mixed.resolve(HISTORY));
        Path other = directory.resolve("other");
        assertEquals(0, train(other, "--epochs=1", "--lr=0.002").exitCode());
        Files.delete(mixed.resolve(HISTORY));
        Files.copy(other.resolve(HISTORY), mixed.resolve(HISTORY));
        Ran resumed = train(mixed, "--epochs=2", "--resume");
        assertEquals(0, resumed.exitCode(), resumed.err()::toString);
        assertEquals(own.get(0), ((List<?>) Json.load(mixed.resolve(HISTORY))).get(0));
        assertEquals(losses(whole), losses(mixed));
    }

    private static List<Object> losses(Path run) throws IOException {
        List<Object> losses = new ArrayList<>();
        for (Object epoch : (List<?>) Json.load(run.resolve(HISTORY))) {
            losses.add(((Map<?, ?>) epoch).get("train_loss"));
            losses.add(((Map<?, ?>) epoch).get("valid_loss_dropout"));
        }
        return losses;
    }

    @Test
    void aDamagedStateIsOneLineThatNamesTheFile() throws Exception {
        Path damaged = directory.resolve("damaged");
        copy(whole, damaged);
        Path file = damaged.resolve(CHECKPOINT);
        Map<String, String> metadata = SafeTensors.metadata(file);
        Map<String, Tensor> tensors = SafeTensors.load(file);
        for (String history :
                List.of(
                        "",
                        "x",
                        "3",
                        "[]",
                        "[1,2]",
                        "[{}]",
                        "[{\"epoch\":\"1\"}]",
                        "[{\"epoch\":2}]")) {
            refused(damaged, with(metadata, "extra.history", history), tensors);
        }
        refused(damaged, with(metadata, "extra.counters before validation", "[1"), tensors);
        refused(
                damaged,
                with(metadata, "extra.counters before validation", "{\"a\":0.5}"),
                tensors);
        refused(damaged, with(metadata, "cortado.counters", "{}"), tensors);
        refused(damaged, with(metadata, "cortado.lr", "NaN"), tensors);
        Map<String, Tensor> spoiled = new LinkedHashMap<>(tensors);
        spoiled.put("model.fc1.bias", tensors.get("model.fc1.bias").mul(Double.NaN));
        Ran ran = refused(damaged, metadata, spoiled);
        assertTrue(ran.err().get(0).endsWith("fc1.bias holds values that are no numbers"));
        spoiled.remove("model.fc1.bias");
        refused(damaged, metadata, spoiled);
    }

    private static Map<String, String> with(Map<String, String> all, String key, String value) {
        Map<String, String> changed = new LinkedHashMap<>(all);
        changed.put(key, value);
        return changed;
    }

    private static Ran refused(Path run, Map<String, String> metadata, Map<String, Tensor> tensors)
            throws IOException {
        SafeTensors.save(run.resolve(CHECKPOINT), tensors, metadata);
        Ran ran = train(run, "--epochs=3", "--resume");
        assertEquals(1, ran.exitCode(), ran.err()::toString);
        assertEquals(1, ran.err().size(), ran.err()::toString);
        String line = ran.err().get(0);
        assertTrue(line.startsWith("error: ") && line.contains(CHECKPOINT), line);
        return ran;
    }

    @Test
    void anyDamageInTheHeaderOfAStateIsOneLineOrNoDamage() throws Exception {
        Path run = directory.resolve("fuzzed");
        copy(whole, run);
        byte[] valid = Files.readAllBytes(run.resolve(CHECKPOINT));
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int i = 0; i < 20; i++) {
            byte[] bytes = valid.clone();
            bytes[random.nextInt(4000)] ^= (byte) (1 << random.nextInt(8));
            int cut = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length;
            Files.write(run.resolve(CHECKPOINT), Arrays.copyOf(bytes, cut));
            // All epochs are done and the report is there, so that an undamaged state is refused.
            Ran ran = train(run, "--epochs=2", "--resume");
            assertTrue(ran.exitCode() == 1 || ran.exitCode() == 2, ran.out()::toString);
            assertEquals(1, ran.err().size(), ran.err()::toString);
            refused += ran.err().get(0).contains("epochs are done") ? 0 : 1;
        }
        assertTrue(refused > 8, "refused " + refused);
    }

    /** Two runs with other seeds at a time, killed at any moment: no history is the other's. */
    @Test
    @Tag("thorough")
    void pairsOfRunsInOneFolderKilledAndResumedEndAsOneAloneDoes() throws Exception {
        List<String> seeds = List.of("--seed=5", "--seed=6");
        for (String seed : seeds) {
            assertEquals(0, train(directory.resolve(seed), "--epochs=6", seed).exitCode());
        }
        SplittableRandom random = new SplittableRandom(1);
        int kills = 0;
        int excluded = 0;
        int resumed = 0;
        for (int pair = 0; pair < 12; pair++) {
            Path shared = directory.resolve("pair" + pair);
            List<Process> both = new ArrayList<>();
            for (String seed : seeds) {
                both.add(
                        program(shared, "--epochs=6", seed)
                                .redirectOutput(directory.resolve("printed" + seed).toFile())
                                .start());
            }
            String until = "epoch  " + (1 + random.nextInt(5)) + ", train";
            long begun = System.nanoTime();
            while (seeds.stream().noneMatch(seed -> printed(seed).contains(until))
                    && System.nanoTime() - begun < 60e9) {
                Thread.sleep(5);
            }
            for (int i = 0; i < 2; i++) {
                kills += both.get(i).isAlive() ? 1 : 0;
                both.get(i).destroyForcibly();
                assertTrue(both.get(i).waitFor(2, TimeUnit.MINUTES));
                excluded += printed(seeds.get(i)).contains("another run") ? 1 : 0;
            }
            for (String seed : seeds) {
                Ran ran = train(shared, "--epochs=6", "--resume", seed);
                boolean isReported =
                        ran.exitCode() == 2 && ran.err().get(0).contains("6 epochs are done");
                if (ran.exitCode() == 0 || isReported) {
                    assertEquals(losses(directory.resolve(seed)), losses(shared), seed);
                    resumed++;
                } else {
                    assertTrue(
                            ran.err().get(0).matches(".*(there is no|is of a run with --seed).*"),
                            ran.err()::toString);
                }
            }
            try (Stream<Path> files = Files.list(shared)) {
                assertEquals(
                        List.of(),
                        files.map(f -> f.getFileName().toString())
                                .filter(name -> name.startsWith(".") && !name.equals(".lock"))
                                .toList(),
                        "nothing half written is left");
            }
        }
        System.out.printf(
                "12 pairs in one folder: %d killed, %d kept out, %d resumed to the same numbers%n",
                kills, excluded, resumed);
        assertTrue(resumed > 6, "resumed " + resumed);
    }

    private static String printed(String seed) {
        try {
            return Files.readString(directory.resolve("printed" + seed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
