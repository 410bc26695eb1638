package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Answer;
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
 * @param ending what ended it
 * @param seconds from its start to its end
 * @param out file with its standard output
 * @param err file with its standard error
 */
record Child(Program program, int code, Ending ending, double seconds, Path out, Path err) {
    /** What ends a program. */
    enum Ending {
        BY_ITSELF,
        /** Its time was over. */
        OUT_OF_TIME,
        /** It had printed nothing for too long. */
        SILENT,
        /** Somebody stops gpu-check. */
        STOPPED
    }

    /**
     * How long a program may run.
     *
     * @param silence seconds in which it prints nothing, after which it is ended
     * @param meanwhile is done now and then while it runs
     */
    record Limits(double seconds, double silence, Runnable meanwhile) {
        /** By the clock alone. */
        static Limits of(double seconds) {
            return new Limits(seconds, Double.POSITIVE_INFINITY, () -> {});
        }
    }

    private static final int LONGEST_END = 1500;
    private static final long POLITE_SECONDS = 2;
    private static final double LOOK_SECONDS = 0.25;
    private static final double MEANWHILE_SECONDS = 10;

    /** Codes of processes that SIGHUP, SIGINT and SIGTERM have ended. */
    private static final Set<Integer> SIGNALLED = Set.of(128 + 1, 128 + 2, 128 + 15);

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

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
            Limits limits) {
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
            Ending ending = waitFor(process, out, limits);
            if (ending != Ending.BY_ITSELF) {
                kill(process);
            }
            int code = process.waitFor();
            return new Child(program, code, ending, since(begun), out, err);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Program.FailedException(program.shown() + " was interrupted");
        } finally {
            kill(process);
            RUNNING.remove(process);
        }
    }

    /** Waits until it has ended, or has to be. */
    private static Ending waitFor(Process process, Path out, Limits limits)
            throws InterruptedException {
        Deadline end = Deadline.in(limits.seconds);
        Deadline silence = Deadline.in(limits.silence);
        Deadline meanwhile = Deadline.in(MEANWHILE_SECONDS);
        long printed = 0;
        while (!process.waitFor(
                Math.round(1e3 * Math.min(LOOK_SECONDS, end.left())), TimeUnit.MILLISECONDS)) {
            if (end.left() <= 0) {
                return Ending.OUT_OF_TIME;
            }
            long now = out.toFile().length();
            if (now != printed) {
                printed = now;
                silence = Deadline.in(limits.silence);
            } else if (silence.left() <= 0) {
                return Ending.SILENT;
            }
            if (meanwhile.left() <= 0) {
                limits.meanwhile.run();
                meanwhile = Deadline.in(MEANWHILE_SECONDS);
            }
        }
        return Ending.BY_ITSELF;
    }

    /** Ends every program that runs now. */
    static void endAll() {
        List.copyOf(RUNNING).forEach(Child::kill);
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
        // Itself last: a tool that watches another program then says what it found in it.
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

    /** The same, ended since gpu-check is stopped. */
    Child stopped() {
        return new Child(program, code, Ending.STOPPED, seconds, out, err);
    }

    /** Whether it ended by itself and with code 0. */
    boolean isGood() {
        return ending == Ending.BY_ITSELF && code == 0;
    }

    /** Whether it would have gone on, had there been more time. */
    boolean cutOff() {
        return ending == Ending.OUT_OF_TIME || ending == Ending.STOPPED;
    }

    /** Whether a signal, which may have been for gpu-check too, has ended it. */
    boolean isSignalled() {
        return ending == Ending.BY_ITSELF && SIGNALLED.contains(code);
    }

    /** The object in the last line that it printed, if that is one. */
    Optional<Map<?, ?>> json() {
        List<Map<?, ?>> lines = jsonLines();
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
    }

    /** The same, if it is all that there was to say. */
    Optional<Map<?, ?>> whole() {
        return isGood() ? json().filter(line -> !Answer.isPartial(line)) : Optional.empty();
    }

    /** The same, if it is what there was to say until something ended the program. */
    Optional<Map<?, ?>> partial() {
        return json().filter(Answer::isPartial);
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
        return switch (ending) {
            case OUT_OF_TIME ->
                    String.format(Locale.ROOT, "%s was cut off after %.0f s", brief(), seconds);
            case STOPPED ->
                    String.format(
                            Locale.ROOT,
                            "%s was cut off after %.0f s, when gpu-check was stopped",
                            brief(),
                            seconds);
            case SILENT ->
                    String.format(
                            Locale.ROOT,
                            "%s hung: it was ended after %.0f s, the last of them in silence",
                            brief(),
                            seconds);
            case BY_ITSELF -> brief() + " ended with code " + code + ":\n" + end();
        };
    }

    private String end() {
        String said = (text(out) + "\n" + text(err)).strip();
        return said.substring(Math.max(0, said.length() - LONGEST_END)).strip();
    }
}
