package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.nn.Functional;
import io.github.cortado.random.Seed;
import io.github.cortado.vision.Draws;
import io.github.cortado.vision.SyntheticShapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network of {@code --model vgg8}, and its training from end to end on a few pictures. */
final class Vgg8Test {
    private static final int TRAINING = 30;
    private static final int VALIDATION = 20;
    private static final int BATCH = 10;

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
                                "train",
                                "--model=vgg8",
                                "--dataset=synthetic",
                                "--limit-train=" + TRAINING,
                                "--limit-valid=" + VALIDATION,
                                "--batch-size=" + BATCH,
                                "--seed=5",
                                "--out=" + to));
        args.addAll(List.of(more));
        if (args.stream().noneMatch(arg -> arg.startsWith("--epochs="))) {
            args.add("--epochs=2");
        }
        return Ran.run(args.toArray(String[]::new));
    }

    @Test
    void trainingWritesItsHistoryAndReport() throws IOException {
        assertEquals(0, ran.exitCode(), ran.err()::toString);
        List<?> history = withoutTimes(out);
        assertEquals(2, history.size());
        assertEquals(
                List.of(
                        "epoch",
                        "train_loss",
                        "train_accuracy",
                        "valid_loss",
                        "valid_accuracy",
                        "valid_loss_unmirrored",
                        "valid_accuracy_unmirrored"),
                List.copyOf(((Map<?, ?>) history.get(0)).keySet()));
        String report = Files.readString(out.resolve("report.html"));
        for (String expected :
                List.of("VGG-8 on synthetic", "one cycle", "without its mirror image")) {
            assertTrue(report.contains(expected), expected);
        }
        assertFalse(report.contains("ropout"), "it has none");
    }

    /** Killed in the second epoch, so that rates, momenta and averages begin in their midst. */
    @Test
    void aResumedRunEqualsOneThatNeverStopped() throws IOException {
        Path stopped = directory.resolve("stopped");
        int[] asked = {0};
        int questionsOfAnEpoch = TRAINING / BATCH + VALIDATION / BATCH;
        PrintWriter printed = new PrintWriter(new StringWriter(), true);
        try (RunFiles files = RunFiles.open(stopped, printed)) {
            TrainRun run =
                    new TrainRun(
                            new TrainRun.Settings(
                                    Recipe.VGG8, 2, BATCH, 0.75, 5, 1, false, false, false),
                            Device.cpu(),
                            new Pictures(
                                    SyntheticShapes.train(TRAINING, 0),
                                    SyntheticShapes.test(VALIDATION, 0),
                                    Pictures.NOT_CIFAR,
                                    false),
                            files,
                            new RunInfo(
                                    Map.of("device", "cpu", TrainCommand.TRANSFORMS, "all"),
                                    Map.of("started", "now")),
                            new TrainRun.Terminal(
                                    printed,
                                    new ProgressBar(printed, false),
                                    () -> ++asked[0] == questionsOfAnEpoch + 2));
            assertFalse(run.run());
        }
        assertEquals(1, withoutTimes(stopped).size());

        Ran other = train(stopped, "--epochs=3", "--resume");
        assertEquals(2, other.exitCode());
        assertTrue(
                other.err().get(0).endsWith("is of a run with --epochs 2, not 3"),
                other.err()::toString);
        Ran resumed = train(stopped, "--resume");
        assertEquals(0, resumed.exitCode(), resumed.err()::toString);
        assertTrue(resumed.out().contains("Resuming after epoch 1."), resumed.out()::toString);
        assertEquals(withoutTimes(out), withoutTimes(stopped));
        assertEquals(-1, Files.mismatch(modelIn(out), modelIn(stopped)), "the same weights");
    }

    @Test
    void theFileHasAveragedWeightsAndTheCheckpointBoth() throws IOException {
        Map<String, Tensor> model = SafeTensors.load(modelIn(out));
        Map<String, Tensor> all = SafeTensors.load(out.resolve("checkpoint.safetensors"));
        String name = "stage2.conv1.weight";
        int index = List.copyOf(new Vgg8().stateDict().keySet()).indexOf(name);
        long counts =
                new Vgg8()
                        .stateDict().keySet().stream()
                                .limit(index)
                                .filter(n -> n.endsWith("num_batches_tracked"))
                                .count();
        float[] average = all.get("model.average" + (index - counts)).toFloats();
        assertArrayEquals(average, model.get(name).toFloats());
        assertNotEquals(
                Tensor.of(average).sum().item(), all.get("model.network." + name).sum().item());
        assertEquals("vgg8", SafeTensors.metadata(modelIn(out)).get("network"));
    }

    @Test
    void evaluateFindsWhatTrainingFoundAndClassifyTakesTheFile() throws IOException {
        Ran evaluated =
                Ran.run(
                        "evaluate",
                        "--model=" + modelIn(out),
                        "--dataset=synthetic",
                        "--limit-valid=" + VALIDATION,
                        "--batch-size=" + BATCH,
                        "--out=" + directory.resolve("evaluation"));
        assertEquals(0, evaluated.exitCode(), evaluated.err()::toString);
        Map<?, ?> last = (Map<?, ?>) withoutTimes(out).get(1);
        String line =
                Lines.valid((Double) last.get("valid_loss"), (Double) last.get("valid_accuracy"));
        assertTrue(evaluated.out().get(2).startsWith(line.strip()), () -> line + evaluated.out());

        Path picture = directory.resolve("picture.png");
        ImageIO.write(
                new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
        Ran classified = Ran.run("classify", picture.toString(), "--model=" + modelIn(out));
        assertEquals(0, classified.exitCode(), classified.err()::toString);
    }

    @Test
    void whatLeNetAloneHasIsRefusedInOneLine() throws IOException {
        Ran reference = train(directory.resolve("none"), "--reference-validation");
        assertEquals(2, reference.exitCode());
        assertEquals(
                List.of("error: --reference-validation: the reference program has no vgg8"),
                reference.err());
        Ran evaluated = Ran.run("evaluate", "--model=" + modelIn(out), "--reference-validation");
        assertEquals(2, evaluated.exitCode());
        Ran unknown = Ran.run("train", "--model=vgg9");
        assertEquals(2, unknown.exitCode());
        assertEquals(List.of("error: --model: expected lenet or vgg8, got 'vgg9'"), unknown.err());
        Path file = directory.resolve("other.safetensors");
        SafeTensors.save(file, new LeNet().stateDict(), Map.of("network", "alexnet"));
        Ran other = Ran.run("evaluate", "--model=" + file);
        assertTrue(
                other.err().get(0).endsWith("its network is 'alexnet', which is not known"),
                other.err()::toString);
    }

    @Test
    void answersOfWhiteningFiltersHaveNoCorrelation() {
        Dataset pictures = SyntheticShapes.train(200, 3);
        Tensor filters = Whitening.of(pictures, Transforms.TRANSLATED.validation());
        float[] values = new float[200 * 3 * 32 * 32];
        for (int i = 0; i < 200; i++) {
            Transforms.TRANSLATED.validation().toFloats(pictures.image(i), values, i * 3 * 32 * 32);
        }
        Tensor answers =
                Functional.conv2d(Tensor.of(values, 200, 3, 32, 32), filters, null, 1, 0, 1, 1);
        Tensor flat = answers.transpose(0, 1).reshape(24, -1);
        double n = flat.dim(1);
        float[] moments = flat.matmul(flat.transpose(0, 1)).toFloats();
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < 12; j++) {
                double moment = moments[i * 24 + j] / n;
                assertEquals(i == j ? 1 : 0, moment, i == j ? 0.5 : 5e-3, i + ", " + j);
                assertEquals(-moment, moments[i * 24 + j + 12] / n, 1e-6, "its negative");
            }
        }
    }

    @Test
    void convolutionsBeginAsTheIdentityOfTheirInput() {
        Seed.manualSeed(2);
        float[] w = new Vgg8().stateDict().get("stage1.conv1.weight").toFloats();
        for (int o = 0; o < 24; o++) {
            for (int i = 0; i < 24 * 9; i++) {
                assertEquals(i == o * 9 + 4 ? 1 : 0, w[o * 24 * 9 + i]);
            }
        }
        double bound = 1 / Math.sqrt(24 * 9);
        for (int i = 24 * 24 * 9; i < w.length; i++) {
            assertTrue(w[i] != 0 && Math.abs(w[i]) <= bound, "random: " + w[i]);
        }
    }

    @Test
    void headsAreTheViewAndTheMeanWithItsMirrorImage() {
        Seed.manualSeed(3);
        Vgg8 model = new Vgg8();
        float[] values = new float[3 * 3 * 32 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        Tensor x = Tensor.of(values, 3, 3, 32, 32);
        Classifier.Heads heads = model.heads(x);
        assertTrue(model.isTraining(), "as it was");
        model.eval();
        Tensor one = model.forward(x);
        Tensor mirrored = model.forward(x.flip(3));
        assertArrayEquals(one.toFloats(), heads.other().toFloats());
        assertArrayEquals(one.add(mirrored).mul(0.5).toFloats(), heads.evaluation().toFloats());
        assertArrayEquals(heads.evaluation().toFloats(), model.predict(x).toFloats());
        assertFalse(one.allClose(mirrored), "the mirror image is another picture");
    }

    @Test
    void aSquareIsCutOutWithinEachPicture() {
        Set<Integer> places = new HashSet<>();
        for (int n = 0; n < 300; n++) {
            Image cut = new Cutout(8, 121).apply(new Image(32, 32), new Draws(n).at(0, n));
            int painted = 0;
            int first = -1;
            for (int i = 0; i < 32 * 32; i++) {
                if (cut.get(1, i / 32, i % 32) == 121) {
                    first = first < 0 ? i : first;
                    int down = i / 32 - first / 32;
                    int right = i % 32 - first % 32;
                    assertTrue(down < 8 && right >= 0 && right < 8, "a square");
                    painted++;
                }
            }
            assertEquals(64, painted);
            places.add(first);
        }
        assertTrue(places.size() > 150, "places " + places.size());
        assertTrue(places.stream().anyMatch(place -> place / 32 == 24), "the last row");
        assertTrue(places.stream().anyMatch(place -> place % 32 == 24), "the last column");
    }

    private static Path modelIn(Path run) {
        return run.resolve("model.safetensors");
    }

    private static List<Object> withoutTimes(Path run) throws IOException {
        List<Object> epochs = new ArrayList<>();
        for (Object epoch : (List<?>) Json.load(run.resolve("history.json"))) {
            Map<Object, Object> rest = new LinkedHashMap<>((Map<?, ?>) epoch);
            rest.keySet().removeAll(List.of("seconds", "images_per_second", "valid_seconds"));
            epochs.add(rest);
        }
        return epochs;
    }
}
