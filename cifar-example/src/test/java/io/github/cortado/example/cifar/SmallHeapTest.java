package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a heap of 64 MiB has no room for. */
final class SmallHeapTest {
    private static final String LINE =
            "error: .*: \\d+ MiB are needed, and the heap has 64 MiB in all;"
                    + " java -Xmx\\d+m would give it enough";

    @TempDir private Path directory;

    private String error(String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of("--out=" + directory.resolve("out")));
        all.addAll(List.of(args));
        Path errors = directory.resolve("errors");
        Process process =
                Ran.process(List.of("-Xmx64m"), all)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(errors.toFile())
                        .start();
        assertTrue(process.waitFor(4, TimeUnit.MINUTES));
        List<String> lines =
                Files.readAllLines(errors, StandardCharsets.UTF_8).stream()
                        .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                        .toList();
        assertEquals(1, process.exitValue(), lines::toString);
        assertEquals(1, lines.size(), lines::toString);
        return lines.get(0);
    }

    @Test
    void dataThatDoNotFitSayHowMuchTheyNeedAndWhichFlagSetsIt() throws Exception {
        for (int i = 1; i <= 6; i++) {
            Path file = directory.resolve(i == 6 ? "test_batch.bin" : "data_batch_" + i + ".bin");
            blackPictures(file);
        }
        String line = error("--data-dir=" + directory);
        assertTrue(line.matches(LINE) && line.contains(": its pictures: 147 MiB are"), line);
    }

    private static void blackPictures(Path file) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(10_000L * 3073);
        }
    }

    @Test
    @Tag("thorough")
    void syntheticPicturesThatDoNotFitSaySoToo() throws Exception {
        String line = error("--dataset=synthetic");
        assertTrue(line.matches(LINE) && line.contains("50000 synthetic pictures: 147 MiB"), line);
    }

    @Test
    @Tag("thorough")
    void aBatchThatDoesNotFitSaysWhichFlagSetsTheHeap() throws Exception {
        for (String workers : List.of("--workers=0", "--workers=2")) {
            String line =
                    error(
                            "--dataset=synthetic",
                            "--limit-train=3000",
                            "--limit-valid=10",
                            "--batch-size=3000",
                            workers);
            assertTrue(line.contains("java -Xmx"), line);
        }
    }
}
