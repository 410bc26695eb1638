package io.github.cortado.examples.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.examples.Ran;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.PictureSize;
import io.github.cortado.models.ResNet;
import io.github.cortado.random.Seed;
import io.github.cortado.vision.ImageFiles;
import io.github.cortado.vision.ImageFolder;
import io.github.cortado.vision.SyntheticShapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs {@code folder} and {@code transfer}, on drawn pictures. */
final class TransferTest {
    private static final List<String> FIGURES = SyntheticShapes.train(0, 0).classNames();
    private static final String TWO = FIGURES.get(2) + "," + FIGURES.get(5);

    @TempDir private static Path directory;
    private static Path folder;
    private static Path weights;
    private static Path out;
    private static Ran made;
    private static Ran ran;

    @BeforeAll
    static void run() throws IOException {
        folder = directory.resolve("pictures");
        made = folder("--classes=" + TWO, "--out=" + folder);
        weights = directory.resolve("resnet.safetensors");
        Seed.manualSeed(11);
        ResNet net =
                new ResNet(
                        new ResNet.Sizes(ResNet.Kind.BASIC, List.of(1, 1, 1, 1), 4),
                        PictureSize.CIFAR,
                        8);
        // Statistics as after a training: neither means of 0 nor variances of 1.
        net.namedBuffers()
                .forEach(
                        (name, t) -> {
                            if (t.dtype().isFloat()) {
                                t.fill(name.endsWith("mean") ? 0.125 : 0.75);
                            }
                        });
        SafeTensors.save(weights, net.stateDict());
        out = directory.resolve("out");
        ran = transfer(out);
    }

    private static Ran folder(String... args) {
        List<String> all =
                new ArrayList<>(
                        List.of("folder", "--dataset=synthetic", "--train=15", "--valid=10"));
        all.addAll(List.of(args));
        return Ran.run(all.toArray(String[]::new));
    }

    private static Ran transfer(Path to, String... more) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("--weights", weights.toString());
        options.put("--pictures", folder.toString());
        options.put("--epochs", "2");
        options.put("--batch-size", "8");
        options.put("--out", to.toString());
        for (String option : more) {
            int equals = option.indexOf('=');
            options.put(option.substring(0, equals), option.substring(equals + 1));
        }
        List<String> args = new ArrayList<>(List.of("transfer"));
        options.forEach((name, value) -> args.add(name + "=" + value));
        return Ran.run(args.toArray(String[]::new));
    }

    @Test
    void theFolderHasThePixelsOfTheDataSet() throws IOException {
        assertEquals(0, made.exitCode(), made.err()::toString);
        assertTrue(
                made.out().get(0).contains("30 pictures to train with and 20 to validate with"),
                made.out()::toString);
        ImageFolder valid = new ImageFolder(folder.resolve("valid"));
        assertEquals(20, valid.size());
        SyntheticShapes all = SyntheticShapes.test(1000, 0);
        String name = valid.classNames().get(0);
        int first = 0;
        while (all.label(first) != FIGURES.indexOf(name)) {
            first++;
        }
        assertEquals(all.image(first), ImageFiles.read(valid.file(0)));
    }

    @Test
    void frozenPartsStayAsTheyWereToTheLastBitAndTheRestIsTrained() throws IOException {
        assertEquals(0, ran.exitCode(), ran.err()::toString);
        Map<String, Tensor> before = SafeTensors.load(weights);
        Map<String, Tensor> after = SafeTensors.load(out.resolve("model.safetensors"));
        assertEquals(before.keySet(), after.keySet());
        before.forEach(
                (name, t) -> {
                    if (name.startsWith("fc")) {
                        assertEquals(2, after.get(name).dim(0), "a head for two classes");
                    } else if (name.startsWith("layer4")) {
                        assertFalse(
                                Arrays.equals(t.toDoubles(), after.get(name).toDoubles()), name);
                    } else {
                        assertArrayEquals(t.toDoubles(), after.get(name).toDoubles(), name);
                    }
                });
        assertEquals(TWO, SafeTensors.metadata(out.resolve("model.safetensors")).get("classes"));
    }

    @Test
    void bothTrainingsAreToldOf() throws IOException {
        List<String> lines = ran.out();
        assertTrue(lines.get(0).startsWith("30 pictures to train with, 20 to validate with"));
        assertTrue(
                lines.get(4).startsWith("| PyTorch's, frozen: conv1 bn1 layer1 layer2 layer3 |"),
                lines.get(4));
        assertTrue(lines.get(5).startsWith("| random |"), lines.get(5));
        Map<?, ?> history = (Map<?, ?>) Json.load(out.resolve("history.json"));
        for (String way : List.of("pretrained", "from_scratch")) {
            Map<?, ?> result = (Map<?, ?>) history.get(way);
            assertEquals(2, ((List<?>) result.get("train_loss")).size());
            for (Object accuracy : (List<?>) result.get("valid_accuracy")) {
                double share = ((Number) accuracy).doubleValue();
                assertTrue(share >= 0 && share <= 1, "a fraction: " + share);
            }
        }
        // Layer 4: 16 to 32 channels, twice 3 x 3 and 1 x 1, three normalisations; the head.
        assertEquals(
                (long) 16 * 32 * 9 + 32 * 32 * 9 + 16 * 32 + 3 * 64 + 2 * 32 + 2,
                ((Map<?, ?>) history.get("pretrained")).get("trained"));
    }

    @Test
    void theSameSeedGivesTheSameWeights() throws IOException {
        Path again = directory.resolve("again");
        assertEquals(0, transfer(again).exitCode());
        assertEquals(
                -1,
                Files.mismatch(
                        out.resolve("model.safetensors"), again.resolve("model.safetensors")));
    }

    @Test
    void mistakesAreExplainedInOneLine() throws IOException {
        refused(
                transfer(out, "--freeze=layer5"),
                2,
                "--freeze: there is no layer5, only bn1, conv1");
        refused(transfer(out, "--freeze=fc"), 2, "--freeze: there is no fc");
        refused(transfer(out, "--weights=none"), 2, "--weights: there is no file none");
        refused(transfer(out, "--pictures=none"), 1, "not a directory");
        refused(transfer(out, "--epochs=0"), 2, "--epochs: expected 1 or more, got 0");
        Path other = directory.resolve("other.safetensors");
        SafeTensors.save(other, Map.of("wte", Tensor.ones(3)));
        refused(transfer(out, "--weights=" + other), 1, "is of no ResNet");
        Map<String, Tensor> some = new LinkedHashMap<>(SafeTensors.load(weights));
        some.remove("bn1.bias");
        SafeTensors.save(other, some);
        refused(transfer(out, "--weights=" + other), 1, "missing bn1.bias");
        refused(folder("--classes=cat", "--out=" + other), 2, "--classes: there is no cat, only");
        refused(
                Ran.run("folder", "--data-dir=" + directory, "--out=" + other),
                2,
                "--data-dir: CIFAR-10 is not in");
        refused(Ran.run("folder"), 2, "--out");
    }

    private static void refused(Ran run, int exitCode, String explanation) {
        assertEquals(exitCode, run.exitCode(), run.err()::toString);
        assertEquals(1, run.err().size(), run.err()::toString);
        assertTrue(run.err().get(0).contains(explanation), run.err()::toString);
    }
}
