package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class DataOptionsTest {
    private static final String URL = "cortado.cifar10.url";
    private static final List<String> FILES =
            List.of(
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin",
                    "test_batch.bin");

    @TempDir private Path directory;
    private final StringWriter printed = new StringWriter();

    @BeforeEach
    void putTheArchiveOutOfReach() {
        // Nothing listens on port 1.
        System.setProperty(URL, "http://127.0.0.1:1/cifar-10-binary.tar.gz");
    }

    @AfterEach
    void putItBack() {
        System.clearProperty(URL);
    }

    private Pictures open(Map<String, String> environment, String... args) throws IOException {
        DataOptions options = CommandLine.populateCommand(new DataOptions(), args);
        options.check(7);
        PrintWriter out = new PrintWriter(printed, true);
        return options.open(7, out, new ProgressBar(out, false), environment);
    }

    /** Files of the right size, all of black planes; they take no room on most disks. */
    private Path blackCifar(String name) throws IOException {
        Path place = Files.createDirectories(directory.resolve(name));
        for (String file : FILES) {
            try (RandomAccessFile out = new RandomAccessFile(place.resolve(file).toFile(), "rw")) {
                out.setLength(10_000L * 3073);
            }
        }
        return place;
    }

    @Test
    void autoSaysInOneLineWhyItFallsBackToSyntheticPictures() throws IOException {
        String data = directory.resolve("none").toString();
        Pictures pictures = open(Map.of("CORTADO_DATA", data), "--limit-valid", "5");
        assertFalse(pictures.cifar());
        assertEquals(7, pictures.training().size());
        assertEquals(5, pictures.validation().size());
        assertEquals(" (synthetic pictures, not CIFAR-10)", pictures.lineNote());
        List<String> lines = printed.toString().lines().toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(
                lines.get(0)
                        .matches(
                                "CIFAR-10 is not in .*none or data and cannot be downloaded:"
                                        + " http://127.0.0.1:1/.*: no connection .*; using"
                                        + " synthetic pictures, not CIFAR-10\\."),
                lines::toString);
    }

    @Test
    void cifar10FailsNamingThreeWaysToProvideIt() {
        String data = directory.resolve("none").toString();
        Map<String, String> environment = Map.of("CORTADO_DATA", data);
        namesThreeWays(() -> open(environment, "--dataset", "cifar10"));
    }

    @Test
    void aDirectoryThatIsNamedIsNotReplacedByDrawnPictures() {
        String data = directory.resolve("none").toString();
        UserErrorException e = namesThreeWays(() -> open(Map.of(), "--data-dir", data));
        assertTrue(e.getMessage().startsWith("CIFAR-10 is not in " + data), e.getMessage());
    }

    private static UserErrorException namesThreeWays(Executable opening) {
        UserErrorException e = assertThrows(UserErrorException.class, opening);
        assertEquals(1, e.exitCode());
        for (String way : List.of("--data-dir", "CORTADO_DATA", "data", "Three ways")) {
            assertTrue(e.getMessage().contains(way), e.getMessage());
        }
        return e;
    }

    @Test
    void theEnvironmentVariableIsFoundAndTheDataNamed() throws IOException {
        Path place = blackCifar("elsewhere");
        Pictures pictures =
                open(Map.of("CORTADO_DATA", place.toString()), "--data-name", "CIFAR-10 (black)");
        assertTrue(pictures.cifar());
        assertEquals("CIFAR-10 (black)", pictures.name());
        assertEquals(7, pictures.training().size());
        assertEquals(10_000, pictures.validation().size());
        assertEquals("", pictures.lineNote());
        assertEquals(
                List.of("Files already downloaded and verified"),
                printed.toString().lines().toList());
    }

    @Test
    void damagedFilesAreAnErrorAndNotAReasonToFallBack() throws IOException {
        Path place = blackCifar("damaged");
        try (RandomAccessFile out =
                new RandomAccessFile(place.resolve("test_batch.bin").toFile(), "rw")) {
            out.setLength(1000);
        }
        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                open(
                                        Map.of(),
                                        "--data-dir",
                                        directory.resolve("damaged").toString()));
        assertTrue(e.getMessage().contains("test_batch.bin"), e.getMessage());
    }
}
