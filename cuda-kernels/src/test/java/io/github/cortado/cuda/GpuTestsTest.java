package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.JavaProgram;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes of tests that end in the middle, and what those after them still have to run. */
class GpuTestsTest {
    @TempDir private Path directory = Path.of("");

    /** Not for Surefire: only a process of {@link GpuTests} runs these. */
    @Tag("never")
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Scripted {
        @Test
        void aFirst() {}

        @Test
        void bLosesTheContext() {
            throw new AssertionError(
                    "the sum is missing",
                    new CudaException("reading: CUDA_ERROR_ILLEGAL_ADDRESS", 700));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void cEachOf(int n) {
            if (n == 2) {
                throw new CudaException("launching: CUDA_ERROR_LAUNCH_FAILED", 719);
            }
        }

        @TestFactory
        Stream<DynamicTest> dEachOf() {
            return Stream.of("x", "y", "z")
                    .map(
                            name ->
                                    DynamicTest.dynamicTest(
                                            name,
                                            () -> {
                                                if (name.equals("y")) {
                                                    Runtime.getRuntime().halt(134);
                                                }
                                            }));
        }

        @Test
        void eRunsOutOfMemory() {
            throw new CudaException("allocating: CUDA_ERROR_OUT_OF_MEMORY", 2);
        }

        @Test
        void fLast() {}
    }

    /** On the emulated driver, which keeps a kernel's fault where it is told so. */
    @Tag("never")
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class OnTheDriver {
        private final CudaBackend backend = (CudaBackend) Emulation.backend();

        @Test
        void aWritesWhereNothingIs() {
            backend.gpu().launch(Kernel.FILL_8).int64(16).int32(1).int64(7).run();
            // What the driver says is lost on the way, as in a comparison of results.
            try {
                backend.gpu().synchronize();
            } catch (CudaException e) {
                throw new AssertionError("other values than expected");
            }
        }

        @Test
        void bComputes() {
            backend.gpu().synchronize();
        }
    }

    /** The lines of a process, which ended with that code. */
    private List<Map<?, ?>> lines(Class<?> tests, int code, Map<String, String> environment)
            throws Exception {
        ProcessBuilder builder =
                JavaProgram.withVectors(
                                GpuTests.class,
                                List.of("-Xmx512m"),
                                "100",
                                "never",
                                directory.resolve("done").toString(),
                                tests.getName())
                        .redirectError(directory.resolve("errors").toFile())
                        .redirectOutput(directory.resolve("lines").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertEquals(code, process.waitFor(), () -> text("errors"));
        List<Map<?, ?>> found = new ArrayList<>();
        for (String line : text("lines").lines().toList()) {
            found.add((Map<?, ?>) Json.parse(line));
        }
        return found;
    }

    private String text(String file) {
        try {
            return Files.readString(directory.resolve(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What happened, in short: names without their class, and how the tests ended. */
    private static List<String> story(List<Map<?, ?>> lines) {
        List<String> story = new ArrayList<>();
        for (Map<?, ?> line : lines) {
            if (line.get("test") instanceof String name) {
                story.add(name.replaceFirst("^.*?> ", "") + " " + line.get("status"));
            } else if (line.containsKey("ended")) {
                story.add("ended: " + line.get("ended"));
            }
        }
        return story;
    }

    @Test
    void aProcessEndsAtAnErrorThatStaysAndTheNextRunsWhatIsLeft() throws Exception {
        assertEquals(
                List.of("aFirst() passed", "bLosesTheContext() failed", "ended: context"),
                story(lines(Scripted.class, 0, Map.of())));
        assertEquals(
                List.of(
                        "cEachOf(int) > [1] n=1 passed",
                        "cEachOf(int) > [2] n=2 failed",
                        "ended: context"),
                story(lines(Scripted.class, 0, Map.of())));
        List<Map<?, ?>> crashed = lines(Scripted.class, 134, Map.of());
        assertEquals(
                List.of("cEachOf(int) > [3] n=3 passed", "dEachOf() > x passed"), story(crashed));
        String begun = String.valueOf(crashed.get(crashed.size() - 1).get("begins"));
        assertTrue(begun.endsWith("dEachOf() > y"), begun);
        // Memory that has run out is no reason to end: the next test may need less.
        assertEquals(
                List.of(
                        "dEachOf() > z passed",
                        "eRunsOutOfMemory() failed",
                        "fLast() passed",
                        "ended: all"),
                story(lines(Scripted.class, 0, Map.of())));
        assertEquals(List.of("ended: all"), story(lines(Scripted.class, 0, Map.of())));
    }

    @Test
    void theDriverIsAskedWhereATestDoesNotSayWhatItSaid() throws Exception {
        Emulation.backend();
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: nobody breaks a GPU's context on purpose");
        Map<String, String> sticky = Map.of("CORTADO_EMULATED_STICKY", "1");
        List<Map<?, ?>> first = lines(OnTheDriver.class, 0, sticky);
        assertEquals(List.of("aWritesWhereNothingIs() failed", "ended: context"), story(first));
        String why = String.valueOf(first.get(first.size() - 1).get("why"));
        assertTrue(why.contains("CUDA_ERROR_LAUNCH_FAILED"), why);
        assertEquals(
                List.of("bComputes() passed", "ended: all"),
                story(lines(OnTheDriver.class, 0, sticky)));
    }
}
