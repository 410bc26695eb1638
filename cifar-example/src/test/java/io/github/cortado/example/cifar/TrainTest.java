package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Threads;
import io.github.cortado.io.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands from end to end, on a few of the built-in pictures. */
final class TrainTest {
    private static final String SAMPLES = "samples.png";
    private static final String NOTE = " \\(synthetic pictures, not CIFAR-10\\)";
    private static final List<String> KEYS =
            List.of(
                    "epoch",
                    "train_loss",
                    "train_accuracy",
                    "valid_loss",
                    "valid_accuracy",
                    "valid_loss_dropout",
                    "valid_accuracy_dropout",
                    "seconds",
                    "images_per_second",
                    "valid_seconds");

    @TempDir private static Path directory;
    private static Path out;
    private static Ran ran;

    @BeforeAll
    static void train() {
        out = directory.resolve("first");
        ran = train(out);
    }

    private static Ran train(Path to, String... more) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "--dataset=synthetic",
                                "--limit-train=250",
                                "--limit-valid=120",
                                "--seed=5",
                                "--out=" + to));
        args.addAll(List.of(more));
        if (args.stream().noneMatch(arg -> arg.startsWith("--epochs="))) {
            args.add("--epochs=2");
        }
        return Ran.run(args.toArray(String[]::new));
    }

    @Test
    void linesAreThoseOfTheReferenceProgram() {
        Ran.assumeFonts();
        assertEquals(0, ran.exitCode(), ran.err()::toString);
        assertEquals(List.of(), ran.err());
        String number = "0\\.\\d{4}";
        String percent = "\\d{1,3}\\.\\d{4}%";
        List<String> expected = new ArrayList<>();
        expected.add("Using device 'cpu'\\.");
        expected.add("Using 250 images for training and 120 for validation\\." + NOTE);
        new LeNet().toString().lines().forEach(line -> expected.add("\\Q" + line + "\\E"));
        for (int epoch = 1; epoch <= 2; epoch++) {
            expected.add(
                    String.format(
                            Locale.ROOT,
                            "epoch  %d, train: loss = %s, accuracy = %s%s",
                            epoch,
                            number,
                            percent,
                            NOTE));
            expected.add(
                    "          valid: loss = %s, accuracy = %s%s".formatted(number, percent, NOTE));
            expected.add("");
        }
        for (int c = 0; c < 10; c++) {
            expected.add("Accuracy for class: .{5,} is \\d{1,3}\\.\\d %");
        }
        expected.add("Validation accuracy after epoch 2: .* %\\)" + NOTE);
        expected.add("Written to .*");
        expected.add("It took .*, 6 steps\\.");
        assertEquals(expected.size(), ran.out().size(), () -> String.join("\n", ran.out()));
        for (int i = 0; i < expected.size(); i++) {
            String line = ran.out().get(i);
            assertTrue(line.matches(expected.get(i)), line + " does not match " + expected.get(i));
        }
    }

    @Test
    void everyFileIsThereAndNoOther() throws IOException {
        Ran.assumeFonts();
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(
                    new TreeSet<>(
                            Set.of(
                                    ".lock",
                                    "history.json",
                                    "checkpoint.safetensors",
                                    "model.safetensors",
                                    "per_class.json",
                                    "report.html",
                                    "samples.png",
                                    "loss.png",
                                    "accuracy.png",
                                    "confusion.png",
                                    "predictions.png")),
                    new TreeSet<>(files.map(f -> f.getFileName().toString()).toList()));
        }
    }

    @Test
    void historyHasItsKeysAndAgreesWithTheLines() throws IOException {
        List<?> epochs = (List<?>) Json.load(out.resolve("history.json"));
        assertEquals(2, epochs.size());
        for (int i = 0; i < 2; i++) {
            Map<?, ?> epoch = (Map<?, ?>) epochs.get(i);
            assertEquals(KEYS, List.copyOf(epoch.keySet()));
            assertEquals((long) i + 1, epoch.get("epoch"));
            double accuracy = (Double) epoch.get("valid_accuracy");
            assertTrue(accuracy >= 0 && accuracy <= 1, "a fraction: " + accuracy);
            String line = Lines.valid((Double) epoch.get("valid_loss"), accuracy);
            assertTrue(ran.out().get(10 + 3 * i + 1).startsWith(line), line);
        }
    }

    @Test
    void picturesDecodeAndAreNotBlank() throws IOException {
        Ran.assumeFonts();
        for (String name : List.of("samples", "loss", "accuracy", "confusion", "predictions")) {
            BufferedImage image = ImageIO.read(out.resolve(name + ".png").toFile());
            Map<Integer, Integer> colours = new LinkedHashMap<>();
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    colours.merge(image.getRGB(x, y), 1, Integer::sum);
                }
            }
            assertTrue(colours.size() > 10, name + " has " + colours.size() + " colours");
            assertTrue(colours.getOrDefault(0xffffffff, 0) > 1000, name + " is on white");
        }
    }

    @Test
    void theReportNeedsNoOtherFile() throws IOException {
        String html = Files.readString(out.resolve("report.html"));
        for (String expected :
                List.of("Confusion matrix", "Accuracy by class", "Predictions", "not CIFAR-10")) {
            assertTrue(html.contains(expected), expected);
        }
        assertFalse(
                html.matches("(?s).*(src|href|srcset)=\"(?!data:).*"), "refers to another file");
        assertFalse(html.contains("url("), "refers to another file");
        assertFalse(html.contains("<script"), "needs no script");
    }

    @Test
    void theSameSeedGivesTheSameHistoryWhateverTheThreadsAndWorkers() throws IOException {
        Path again = directory.resolve("again");
        int threads = Threads.count();
        try {
            assertEquals(0, train(again, "--workers=0", "--threads=3").exitCode());
        } finally {
            Threads.setCount(threads);
        }
        assertEquals(withoutTimes(out), withoutTimes(again));
        assertEquals(-1, Files.mismatch(modelIn(out), modelIn(again)), "the same weights");
    }

    @Test
    void referenceValidationPrintsTheFiguresWithDropout() throws IOException {
        Path reference = directory.resolve("reference");
        Ran printed = train(reference, "--reference-validation");
        Map<?, ?> last = (Map<?, ?>) withoutTimes(reference).get(1);
        String line =
                Lines.valid(
                        (Double) last.get("valid_loss_dropout"),
                        (Double) last.get("valid_accuracy_dropout"));
        assertTrue(printed.out().stream().anyMatch(l -> l.startsWith(line)), line);
        assertNotEquals(last.get("valid_loss"), last.get("valid_loss_dropout"));
        assertEquals(withoutTimes(out), withoutTimes(reference), "both are always recorded");
        Map<?, ?> perClass = (Map<?, ?>) Json.load(reference.resolve("per_class.json"));
        assertEquals("dropout on", perClass.get("validation"));
        assertEquals(
                last.get("valid_accuracy_dropout"),
                ((Map<?, ?>) perClass.get("all")).get("accuracy"));
    }

    @Test
    void aResumedRunEqualsOneThatNeverStopped() throws IOException {
        Path stopped = directory.resolve("stopped");
        assertEquals(0, train(stopped, "--epochs=1").exitCode());
        Ran resumed = train(stopped, "--epochs=2", "--resume");
        assertEquals(0, resumed.exitCode(), resumed.err()::toString);
        assertTrue(resumed.out().contains("Resuming after epoch 1."), resumed.out()::toString);
        assertEquals(withoutTimes(out), withoutTimes(stopped));
        assertEquals(-1, Files.mismatch(modelIn(out), modelIn(stopped)), "the same weights");
        Ran other = train(stopped, "--epochs=3", "--resume", "--lr=0.1");
        assertEquals(2, other.exitCode());
        assertTrue(
                other.err().get(0).endsWith("is of a run with --lr 0.001, not 0.1"),
                other.err()::toString);
        assertTrue(
                train(stopped, "--resume").err().get(0).contains("2 epochs are done"),
                "nothing left to do");
        assertTrue(
                train(directory.resolve("nothing"), "--resume").err().get(0).contains("no "),
                "nothing to resume");
    }

    @Test
    void withoutAugmentationOtherPicturesAreTrainedOn() throws IOException {
        Path plain = directory.resolve("plain");
        assertEquals(0, train(plain, "--epochs=1", "--no-augmentation").exitCode());
        assertNotEquals(withoutTimes(out).get(0), withoutTimes(plain).get(0));
        assertNotEquals(-1, Files.mismatch(out.resolve(SAMPLES), plain.resolve(SAMPLES)));
    }

    @Test
    void evaluateFindsWhatTrainingFound() throws IOException {
        Ran evaluated =
                Ran.run(
                        "evaluate",
                        "--model=" + modelIn(out),
                        "--dataset=synthetic",
                        "--limit-valid=120",
                        "--out=" + directory.resolve("evaluation"));
        assertEquals(0, evaluated.exitCode(), evaluated.err()::toString);
        Map<?, ?> last = (Map<?, ?>) withoutTimes(out).get(1);
        String line =
                Lines.valid((Double) last.get("valid_loss"), (Double) last.get("valid_accuracy"));
        assertTrue(evaluated.out().get(2).startsWith(line.strip()), () -> line + evaluated.out());
        assertEquals(
                Json.load(out.resolve("per_class.json")),
                Json.load(directory.resolve("evaluation/per_class.json")));
    }

    @Test
    void aLossThatIsNoNumberEndsTheRunInOneLine() throws IOException {
        Path wild = directory.resolve("wild");
        Ran failed = train(wild, "--lr=1e30");
        assertEquals(1, failed.exitCode());
        assertEquals(1, failed.err().size());
        assertTrue(failed.err().get(0).startsWith("error: the loss is "), failed.err()::toString);
        assertTrue(Files.exists(wild.resolve("report.html")));
    }

    private static Path modelIn(Path run) {
        return run.resolve("model.safetensors");
    }

    private static List<Object> withoutTimes(Path run) throws IOException {
        List<Object> epochs = new ArrayList<>();
        for (Object epoch : (List<?>) Json.load(run.resolve("history.json"))) {
            Map<Object, Object> rest = new LinkedHashMap<>((Map<?, ?>) epoch);
            rest.remove("seconds");
            rest.remove("images_per_second");
            rest.remove("valid_seconds");
            epochs.add(rest);
        }
        return epochs;
    }
}
