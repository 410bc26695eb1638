package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.io.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareBuildsTest {
    private static final BuildComparison RESULT =
            new BuildComparison(
                    List.of(
                            Row.rate(
                                    "LeNet training",
                                    "pictures/s",
                                    "baseline",
                                    new Series(List.of(3000.0, 4000.0, 2000.0)),
                                    new Series(List.of(2000.0, 2000.0, 1000.0)),
                                    Double.NaN),
                            Row.time(
                                    "a layer",
                                    "ms",
                                    "baseline",
                                    new Series(List.of(4.0, 8.0, 2.0)),
                                    new Series(List.of(2.0, 2.0, 1.0)))),
                    List.of("a new layer"),
                    new Machine("A processor", 4, 256, "17.0.1+2", 2, new Series(List.of(200.0))),
                    3,
                    Map.of());

    @Test
    void theRatioIsTheMedianOfThoseOfThePairs() {
        List<String> rows = RESULT.markdown().lines().skip(2).limit(2).toList();
        // By the medians, 3000 and 2000, it would be 1.5.
        assertEquals(
                "| LeNet training | 2000 | 3000 | pictures/s | 2.000 | 1.500..2.000 |",
                rows.get(0));
        assertEquals("| a layer | 2.00 | 4.00 | ms | 0.500 | 0.250..0.500 |", rows.get(1));
    }

    @Test
    void meanAndWorstRowAndMachineStandBelow() {
        String text = RESULT.markdown();
        assertTrue(text.contains("Geometric mean of the 2 rows: 1.000 times as fast."), text);
        assertTrue(text.contains("Worst: a layer, 0.500 (0.250..0.500)."), text);
        assertTrue(text.contains("In one of the builds alone: a new layer."), text);
        assertTrue(text.contains("Machine: A processor, 4 processors"), text);
        assertTrue(text.contains("3 rounds; fewer than 5: not a result"), text);
    }

    @Test
    void theJsonKeepsEveryPair() throws Exception {
        Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(RESULT.json()));
        Map<?, ?> row = (Map<?, ?>) ((List<?>) json.get("comparisons")).get(1);
        assertEquals(List.of(0.5, 0.25, 0.5), row.get("ratios"));
        assertEquals("a layer", json.get("worst"));
    }

    @Test
    void aPairIsARunOfEitherBuild(@TempDir Path dir) throws Exception {
        CompareBuilds builds =
                new CompareBuilds(
                        options("--baseline", "" + build(dir), "--what", "start", "--starts", "1"));
        builds.measure(1);
        List<Row> rows = builds.rows();
        assertEquals(1, rows.size());
        Row row = rows.get(0);
        assertEquals(1, row.ratios().values().size(), row.toString());
        assertTrue(row.ours().min() > 0 && row.theirs().min() > 0, row.toString());
    }

    @Test
    void theClassPathOfAnotherBuildIsShown() {
        String own = Program.java(List.of(), "Main", List.of()).shown();
        assertTrue(own.endsWith(" -cp ... Main"), own);
        String other = Program.java(List.of(), "/old.jar", "Main", List.of()).shown();
        assertTrue(other.endsWith(" -cp /old.jar Main"), other);
    }

    /** A jar that leads to this build's own classes. */
    private static Path build(Path dir) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(
                                        System.getProperty("java.class.path")
                                                .split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        Path jar = dir.resolve("old.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    @Test
    void aBaselineThatIsNoBuildIsNamed(@TempDir Path dir) throws Exception {
        Path text = Files.writeString(dir.resolve("notes.txt"), "no jar");
        List<String> wrong = List.of("" + text, "" + dir, "no-such.jar", "");
        for (String baseline : wrong) {
            Arguments options = options("--baseline", baseline);
            String message =
                    assertThrows(UsageException.class, () -> new CompareBuilds(options))
                            .getMessage();
            assertTrue(message.startsWith("--baseline: '" + baseline + "' is no jar"), message);
            assertTrue(message.contains("benchmarks.jar of another commit"), message);
        }
    }

    @Test
    void anUnknownPartIsNamedBesideThoseThereAre(@TempDir Path dir) throws Exception {
        Arguments options = options("--baseline", "" + build(dir), "--what", "training,gemm");
        String message =
                assertThrows(UsageException.class, () -> new CompareBuilds(options)).getMessage();
        assertEquals(
                "--what: no part 'gemm'; there are [training, inference, layers, together, start, nets, nets-inference]",
                message);
    }

    @Test
    void layersThatThereAreNotAreSaid(@TempDir Path dir) throws Exception {
        Arguments options = options("--baseline", "" + build(dir), "--only", "perceptron");
        String message =
                assertThrows(UsageException.class, () -> new CompareBuilds(options)).getMessage();
        assertEquals("--only: no layer has 'perceptron'", message);
    }

    private static Arguments options(String... line) {
        return Arguments.parse(List.of(line), CompareBuilds.defaults());
    }
}
