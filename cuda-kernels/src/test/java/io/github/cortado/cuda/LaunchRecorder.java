package io.github.cortado.cuda;

import io.github.cortado.backend.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes down what each test that passed had run on the emulated driver: a line of class, test,
 * kernels and functions of the libraries, apart by tabs, in {@code target/verification}. {@link
 * Verification} makes a table of it. Does nothing but in Maven's runs, which give the file's name.
 */
public final class LaunchRecorder implements TestExecutionListener {
    static final Path DIRECTORY = Path.of("target", "verification");

    private static final int BYTES = 1 << 16;

    /** Tests whose kernels or launches are wrong on purpose verify none. */
    private static final Set<String> FAULTY =
            Set.of(
                    "FaultyKernelTest",
                    "MutantTest",
                    "MutantSampleTest",
                    "SanitizerTest",
                    "StickyErrorTest");

    /** What the default build leaves out is not written down: the table is the same without it. */
    private static final TestTag THOROUGH = TestTag.create("thorough");

    private final String run = System.getProperty("cortado.test.launches", "");
    private final List<String> lines = new ArrayList<>();

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.isTest() && !run.isEmpty()) {
            kernels();
            functions();
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest()
                || run.isEmpty()
                || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            return;
        }
        String kernels = kernels();
        String functions = functions();
        boolean ran = !kernels.isEmpty() || !functions.isEmpty();
        if (ran && !FAULTY.contains(className(test)) && !test.getTags().contains(THOROUGH)) {
            lines.add(
                    String.join("\t", className(test), test.getDisplayName(), kernels, functions));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (lines.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(DIRECTORY);
            Files.write(DIRECTORY.resolve(run + ".tsv"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String className(TestIdentifier test) {
        String id = test.getUniqueId();
        return id.replaceFirst("^.*?\\[class:([^]]+)].*$", "$1").replaceFirst("^.*\\.", "");
    }

    private static @Nullable CudaBackend emulated() {
        Backend open = Emulation.isOnGpu() ? null : Emulation.opened().orElse(null);
        return open instanceof CudaBackend cuda ? cuda : null;
    }

    /** The functions that were called since this was last asked. */
    private static String functions() {
        return emulated() == null ? "" : String.join(",", EmulatedLibraries.calls().keySet());
    }

    /** The kernels that were launched since this was last asked. */
    private static String kernels() {
        CudaBackend cuda = emulated();
        if (cuda == null) {
            return "";
        }
        try (Gpu.Turn t = cuda.gpu().turn();
                HostMemory memory = new HostMemory(BYTES)) {
            memory.bytes().put(0, (byte) 0);
            EmulatorKnob.turn(cuda.gpu(), "launched", memory.address());
            byte[] text = new byte[BYTES];
            memory.bytes().get(text);
            int end = 0;
            while (text[end] != 0) {
                end++;
            }
            return new String(text, 0, end, StandardCharsets.US_ASCII);
        }
    }
}
