package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.JavaProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program in three virtual machines, which interpret it, compile it by C1, and by C2, and
 * compares the lines that it prints.
 *
 * @param dir for what they print
 * @param program whose arguments are how often to repeat everything, then those of {@link #compare}
 */
public record Compilers(Path dir, Class<?> program) {
    /**
     * Thresholds so low that six repetitions see all loops compiled by C2, and at once; of our own
     * methods alone, for the virtual machine's beginnings would take a third of the time.
     */
    private static final List<String> EAGER =
            List.of(
                    "-XX:CompileCommand=quiet",
                    "-XX:CompileCommand=CompileThresholdScaling,io/github/cortado/*.*,0.005",
                    "-Xbatch");

    /**
     * Compares them with vectors of so many bytes and returns how many lines there were.
     *
     * @throws AssertionError with the lines that differ
     */
    public int compare(int vectorBytes, String... arguments) throws Exception {
        String width = "-XX:MaxVectorSize=" + vectorBytes;
        List<String> c1 = new ArrayList<>(EAGER);
        c1.add("-XX:TieredStopAtLevel=1");
        Run interpreted = start("interpreter", 1, List.of("-Xint", width), arguments);
        Run optimised = start("c2", 6, plus(EAGER, width), arguments);
        Run simple = start("c1", 3, plus(c1, width), arguments);
        List<String> expected = interpreted.lines();
        compare(expected, simple.lines(), "C1");
        compare(expected, optimised.lines(), "C2");
        return expected.size();
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

    private Run start(String name, int repetitions, List<String> mode, String[] arguments)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("" + repetitions));
        all.addAll(List.of(arguments));
        Path output = dir.resolve(name);
        Process process =
                JavaProgram.withVectors(program, plus(mode, "-Xmx512m"), all.toArray(String[]::new))
                        .redirectOutput(output.toFile())
                        .redirectError(dir.resolve(name + ".err").toFile())
                        .start();
        return new Run(process, output);
    }
}
