package io.github.cortado.ops;

import io.github.cortado.JavaProgram;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A fault that a test must find: a source of core with one text replaced. The table is {@code
 * faults.txt} in the test resources:
 *
 * <pre>
 * the clause that it breaks: what is wrong
 * the source
 * the test that finds it: class, method, argument
 * - the text that is replaced
 * + what it is replaced by, which may be nothing
 * </pre>
 *
 * The text must be there once; white space counts for nothing.
 */
record PlantedFault(
        String title, String source, List<String> test, String search, String replacement) {
    private static final Path SOURCES = Path.of("src/main/java/io/github/cortado");
    private static final Path TABLE = Path.of("src/test/resources/faults.txt");
    private static final int SECONDS = 300;

    static List<PlantedFault> all() throws IOException {
        List<PlantedFault> faults = new ArrayList<>();
        for (String block : Files.readString(TABLE).split("\n\\s*\n")) {
            List<String> lines = block.lines().filter(l -> !l.startsWith("#")).toList();
            if (!lines.isEmpty()) {
                faults.add(
                        new PlantedFault(
                                lines.get(0),
                                lines.get(1),
                                List.of(lines.get(2).split(" ")),
                                after("-", lines),
                                after("+", lines)));
            }
        }
        return faults;
    }

    private static String after(String sign, List<String> lines) {
        return lines.stream()
                .filter(l -> l.startsWith(sign))
                .map(l -> l.substring(1).strip())
                .collect(Collectors.joining("\n"));
    }

    /** None of them: the source as it is, and the same test. */
    PlantedFault unplanted() {
        return new PlantedFault("none, " + title, source, test, search, search);
    }

    /**
     * The source with the fault.
     *
     * @throws AssertionError if the text that it replaces is not there once
     */
    String text() throws IOException {
        String text = Files.readString(SOURCES.resolve(source));
        String words =
                Arrays.stream(search.split("\\s+"))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("\\s+"));
        List<String> faulty = new ArrayList<>();
        Matcher m = Pattern.compile(words).matcher(text);
        while (m.find()) {
            faulty.add(text.substring(0, m.start()) + replacement + text.substring(m.end()));
        }
        if (faulty.size() != 1) {
            throw new AssertionError(
                    title + ": its text is " + faulty.size() + " times in " + source);
        }
        return faulty.get(0);
    }

    /** What the test says in a process of its own with the fault; empty where it passes. */
    String found(Path directory) throws IOException, InterruptedException {
        Path classes = Files.createTempDirectory(directory, "classes");
        compile(classes);
        Path said = classes.resolve("said");
        ProcessBuilder builder =
                JavaProgram.withVectors(
                        OneTest.class,
                        List.of(
                                "-ea",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx1g",
                                // All of it: who called stands last.
                                "-XX:MaxJavaStackTraceDepth=0",
                                "-Dcortado.test.seed=1"),
                        test.toArray(String[]::new));
        List<String> command = builder.command();
        int path = command.indexOf("-cp") + 1;
        command.set(path, classes + File.pathSeparator + command.get(path));
        Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            return "it took more than " + SECONDS + " seconds";
        }
        return process.exitValue() == 0 ? "" : Files.readString(said);
    }

    private void compile(Path classes) throws IOException {
        Path faulty = classes.resolve(Path.of(source).getFileName());
        Files.writeString(faulty, text());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    List.of(
                                            "--add-modules=jdk.incubator.vector",
                                            "-nowarn",
                                            "-proc:none",
                                            "-implicit:none",
                                            "-cp",
                                            System.getProperty("java.class.path"),
                                            "-d",
                                            classes.toString()),
                                    null,
                                    files.getJavaFileObjects(faulty))
                            .call();
            if (!compiled) {
                throw new AssertionError(title + " does not compile: " + errors);
            }
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
