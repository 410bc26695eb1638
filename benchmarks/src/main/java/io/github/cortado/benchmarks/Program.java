package io.github.cortado.benchmarks;

import io.github.cortado.io.Json;
import io.github.cortado.io.JsonException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A program that runs in a process of its own and answers with one line of JSON. */
public record Program(List<String> command) {
    /** Thrown where a program cannot be run or fails; the message has its own words. */
    public static final class FailedException extends IllegalStateException {
        /** With the program in it. */
        public FailedException(String message) {
            super(message);
        }
    }

    /** A main class of this class path, in the same Java as this one, with the Vector flag. */
    static Program java(Class<?> main, String... options) {
        return java(List.of(), main.getName(), List.of(options));
    }

    /**
     * The same with options of Java's own.
     *
     * @param main name of the class, which need not be one of this module's
     */
    public static Program java(List<String> jvm, String main, List<String> options) {
        return java(jvm, System.getProperty("java.class.path"), main, options);
    }

    /** The same on another class path. */
    static Program java(List<String> jvm, String path, String main, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.add(DeviceBenchmark.VECTOR_FLAG);
        command.addAll(jvm);
        command.add("-cp");
        command.add(path);
        command.add(main);
        command.addAll(options);
        return new Program(command);
    }

    /** When what this program was started from was built, as far as its first file says. */
    static String buildTime() {
        String first = System.getProperty("java.class.path").split(File.pathSeparator)[0];
        return Instant.ofEpochMilli(new File(first).lastModified()).toString();
    }

    /** A script of a Python interpreter. */
    public static Program python(String interpreter, Path script, String... options) {
        List<String> command = new ArrayList<>(List.of(interpreter, script.toString()));
        command.addAll(List.of(options));
        return new Program(command);
    }

    /**
     * Runs it and reads the last line that it prints.
     *
     * @throws FailedException with the end of what it printed, if it cannot be started, ends with
     *     another code than 0 or prints no JSON
     */
    Map<?, ?> json() {
        String out = text();
        String last = out.substring(out.lastIndexOf('\n') + 1);
        try {
            if (Json.parse(last) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (JsonException e) {
            // Said below, with the line itself.
        }
        throw new FailedException(shown() + " printed no JSON object in its last line: " + last);
    }

    /**
     * Runs it.
     *
     * @return standard output without white space around it
     * @throws FailedException as {@link #json}
     */
    String text() {
        Path errors = null;
        try {
            errors = Files.createTempFile("cortado-compare", ".err");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            byte[] out = process.getInputStream().readAllBytes();
            int code = process.waitFor();
            if (code != 0) {
                throw new FailedException(
                        shown()
                                + " ended with code "
                                + code
                                + ":\n"
                                + end(Files.readString(errors)));
            }
            return new String(out, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new FailedException(shown() + " cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException(shown() + " was interrupted");
        } finally {
            delete(errors);
        }
    }

    /** Takes a temporary file away, where there is one. */
    static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A left-over in the temporary directory spoils no figure.
        }
    }

    /** What Java and Python say last, and above a long trace what Java says first. */
    private static String end(String text) {
        List<String> lines = text.lines().toList();
        int most = 24;
        if (lines.size() <= most) {
            return text.strip();
        }
        List<String> shown = new ArrayList<>(lines.subList(0, most / 3));
        shown.add("...");
        shown.addAll(lines.subList(lines.size() - most * 2 / 3, lines.size()));
        return String.join("\n", shown).strip();
    }

    /** The command as a person would type it; of class paths, this program's own is left out. */
    public String shown() {
        List<String> words = new ArrayList<>(command);
        int classPath = words.indexOf("-cp");
        String own = System.getProperty("java.class.path");
        if (classPath >= 0 && words.get(classPath + 1).equals(own)) {
            words.set(classPath + 1, "...");
        }
        return String.join(" ", words);
    }
}
