package io.github.cortado.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs of the machine that tests call: compilers. */
final class Command {
    private static final int MINUTES = 10;

    private Command() {}

    /** Where a program is on the path, or where one of the usual places has it. */
    static Optional<Path> find(String program, String... usual) {
        String path = System.getenv().getOrDefault("PATH", "");
        return java.util.stream.Stream.concat(
                        java.util.Arrays.stream(path.split(":"))
                                .filter(d -> !d.isEmpty())
                                .map(d -> Path.of(d, program)),
                        java.util.Arrays.stream(usual).map(Path::of))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs a program and returns what it printed.
     *
     * @throws AssertionError with what it printed, where it fails
     */
    static String run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError(command + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
