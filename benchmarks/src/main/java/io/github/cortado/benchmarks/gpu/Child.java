package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Program;
import io.github.cortado.io.Json;
import io.github.cortado.io.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that has run in a process of its own for a limited time. What it printed is in two
 * files, so that it is there whatever became of the process; its command is in a third.
 *
 * @param code exit code; of a program that was killed, whatever the system says then
 * @param cutOff whether its time was over before it had ended
 * @param seconds from its start to its end
 * @param out file with its standard output
 * @param err file with its standard error
 */
record Child(Program program, int code, boolean cutOff, double seconds, Path out, Path err) {
    private static final int LONGEST_END = 1500;
    private static final long POLITE_SECONDS = 2;
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // Whoever stops gpu-check stops what it has started.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Child::kill)));
    }

    /**
     * Runs a program.
     *
     * @param environment variables besides those of this process
     * @param logs directory of the files, which begin with {@code name}
     * @throws Program.FailedException if it cannot be started
     */
    static Child run(
            Program program,
            Map<String, String> environment,
            Path logs,
            String name,
            double seconds) {
        Path out = logs.resolve(name + ".out");
        Path err = logs.resolve(name + ".err");
        note(logs.resolve(name + ".command"), String.join(" ", program.command()) + "\n");
        ProcessBuilder builder =
                new ProcessBuilder(program.command())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(environment);
        long begun = System.nanoTime();
        Process process;
        try {
            process = builder.start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new Program.FailedException(program.shown() + ": " + e.getMessage());
        }
        RUNNING.add(process);
        try {
            boolean ended = process.waitFor(Math.round(seconds * 1e3), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
            }
            int code = process.waitFor();
            return new Child(program, code, !ended, since(begun), out, err);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Program.FailedException(program.shown() + " was interrupted");
        } finally {
            kill(process);
            RUNNING.remove(process);
        }
    }

    private static void note(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new Program.FailedException(file + ": " + e.getMessage());
        }
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Ends a process and all that it has started, first by asking. */
    private static void kill(Process process) {
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroy);
        Deadline polite = Deadline.in(POLITE_SECONDS);
        while (polite.left() > 0 && all.stream().anyMatch(ProcessHandle::isAlive)) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        // Those that the polite ones have started meanwhile, too.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** Whether it ended by itself and with code 0. */
    boolean isGood() {
        return !cutOff && code == 0;
    }

    /** The object in the last line that it printed, if that is one. */
    Optional<Map<?, ?>> json() {
        List<Map<?, ?>> lines = jsonLines();
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
    }

    /** All lines that are JSON objects. A line that was cut off is none. */
    List<Map<?, ?>> jsonLines() {
        List<Map<?, ?>> found = new ArrayList<>();
        for (String line : text(out).lines().toList()) {
            try {
                if (line.startsWith("{") && Json.parse(line) instanceof Map<?, ?> object) {
                    found.add(object);
                }
            } catch (JsonException e) {
                // Then it is text that begins with a brace.
            }
        }
        return found;
    }

    /** What it printed to standard output. */
    String text() {
        return text(out);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** The program without what belongs to all of Java's; the whole is among the logs. */
    private String brief() {
        List<String> words = program.command();
        int classPath = words.indexOf("-cp");
        return String.join(" ", classPath < 0 ? words : words.subList(classPath + 2, words.size()));
    }

    /** Why it is not good, with the end of what it said. */
    String failure() {
        if (cutOff) {
            return String.format(Locale.ROOT, "%s was cut off after %.0f s", brief(), seconds);
        }
        String said = (text(out) + "\n" + text(err)).strip();
        String end = said.substring(Math.max(0, said.length() - LONGEST_END)).strip();
        return brief() + " ended with code " + code + ":\n" + end;
    }
}
