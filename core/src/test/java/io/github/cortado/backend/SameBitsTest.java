package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interpreter, C1 and C2 compute the same bits for each vector width: a run does not depend on when
 * the virtual machine chose to compile what. Each mode is a virtual machine of its own.
 */
@Tag("vector-only")
class SameBitsTest {
    /** Thresholds so low that six repetitions see all kernels compiled by C2, and at once. */
    private static final List<String> EAGER =
            List.of("-XX:CompileThresholdScaling=0.005", "-Xbatch");

    @TempDir Path dir;

    /** Of so many rows of the contract the default build takes one, with this machine's vectors. */
    private static final int SAMPLE = 7;

    @Test
    void interpreterAndBothCompilersAgreeOnASample() throws Exception {
        compare(SAMPLE, "-XX:MaxVectorSize=64");
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    @Tag("thorough")
    void interpreterAndBothCompilersAgree(int vectorBytes) throws Exception {
        compare(1, "-XX:MaxVectorSize=" + vectorBytes);
    }

    private void compare(int of, String width) throws Exception {
        List<String> c1 = new ArrayList<>(EAGER);
        c1.add("-XX:TieredStopAtLevel=1");
        Run interpreted = start("interpreter", 1, of, List.of("-Xint", width));
        Run optimised = start("c2", 6, of, plus(EAGER, width));
        Run simple = start("c1", 3, of, plus(c1, width));
        List<String> expected = interpreted.lines();
        assertTrue(expected.size() > 1000 / of, expected::toString);
        compare(expected, simple.lines(), "C1");
        compare(expected, optimised.lines(), "C2");
    }

    private static List<String> plus(List<String> words, String word) {
        List<String> all = new ArrayList<>(words);
        all.add(word);
        return all;
    }

    private static void compare(List<String> interpreted, List<String> compiled, String by) {
        assertEquals(interpreted.size(), compiled.size(), by);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < compiled.size(); i++) {
            if (!compiled.get(i).equals(interpreted.get(i))) {
                differences.add(compiled.get(i) + ", interpreted " + interpreted.get(i));
            }
        }
        assertEquals(List.of(), differences, by);
    }

    private record Run(Process process, Path output) {
        List<String> lines() throws IOException, InterruptedException {
            try {
                assertTrue(process.waitFor(5, TimeUnit.MINUTES), () -> "no end: " + tail());
            } finally {
                process.destroyForcibly();
            }
            assertEquals(0, process.exitValue(), this::tail);
            return Files.readAllLines(output, StandardCharsets.UTF_8);
        }

        private String tail() {
            try {
                List<String> all = Files.readAllLines(output, StandardCharsets.UTF_8);
                return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
            } catch (IOException e) {
                return e.toString();
            }
        }
    }

    private Run start(String name, int repetitions, int of, List<String> mode) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add("-Xmx512m");
        command.addAll(mode);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(BitsOfABackend.class.getName(), "cpu", "" + repetitions, "" + of));
        Path output = dir.resolve(name);
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(dir.resolve(name + ".err").toFile())
                        .start();
        return new Run(process, output);
    }
}
