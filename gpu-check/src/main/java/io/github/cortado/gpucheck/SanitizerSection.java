package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code compute-sanitizer} over tests on the driver alone: memory accesses, races in shared
 * memory, memory that nobody has written, barriers. Under it everything is many times slower, so
 * each tool gets a part of the time, in which the tests that cover most come first; a tool's tests
 * end by themselves when it is over, so that the tool still says what it found.
 */
final class SanitizerSection implements Section {
    private static final List<String> TOOLS =
            List.of("memcheck", "racecheck", "initcheck", "synccheck");

    /** A LeNet step has almost every kernel in it. */
    private static final List<String> TESTS =
            List.of(
                    "io.github.cortado.cuda.LeNetStepTest",
                    "io.github.cortado.cuda.ResidentLoaderTest",
                    "io.github.cortado.cuda.CudaBackendContractTest");

    /** Part of a tool's time after which no further test begins. */
    private static final double TESTING = 0.7;

    private static final double LEAST_SECONDS = 5;
    private static final int SHOWN_LINES = 40;

    @Override
    public String name() {
        return "sanitizer";
    }

    @Override
    public String title() {
        return "compute-sanitizer over the tests, on our own kernels: as many of them as fit in each"
                + " tool's part of the time.";
    }

    @Override
    public int share() {
        return 80;
    }

    private static Optional<Path> program() {
        return Machine.program(
                "compute-sanitizer", "/usr/local/cuda/bin", "/opt/cuda/bin", "/usr/local/bin");
    }

    @Override
    public Optional<String> obstacle(Run run) {
        Optional<String> none = run.machine().whyNoHardware();
        if (none.isPresent()) {
            return none;
        }
        return program().isPresent()
                ? Optional.empty()
                : Optional.of("compute-sanitizer is not installed");
    }

    @Override
    public void run(Run run, Findings findings) {
        Table table = new Table("tool", "findings", "tests passed", "failed", "all", "seconds");
        Map<String, Object> data = new LinkedHashMap<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < TOOLS.size(); i++) {
            String tool = TOOLS.get(i);
            double seconds = run.left() / (TOOLS.size() - i);
            if (seconds < LEAST_SECONDS) {
                findings.cutOff(tool + " was not run: no time was left");
                continue;
            }
            String said = one(run, tool, seconds, table, data, findings);
            words.add(tool + " " + said);
            findings.text("tools", table.markdown());
            findings.put("tools", data);
            findings.summary(String.join(", ", words));
        }
    }

    private static String one(
            Run run,
            String tool,
            double seconds,
            Table table,
            Map<String, Object> data,
            Findings findings) {
        Deadline end = Deadline.in(seconds);
        TestProcesses processes =
                TestProcesses.run(
                        run,
                        tool,
                        (log, done) -> {
                            Program program = program(run, tool, log, done, TESTING * end.left());
                            return run.run(log, setup(run), program, end.left());
                        });
        TestRun results = processes.tests();
        String said = said(run, tool, processes.processes());
        Optional<Long> found = findings(said);
        String count = found.map(String::valueOf).orElse("no summary");
        table.row(
                tool,
                count,
                results.count("passed"),
                results.count("failed"),
                results.complete() ? "yes" : "no",
                Table.number(seconds - end.left(), 1));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("findings", count);
        entry.put("seconds", seconds - end.left());
        entry.put("tests", results.json());
        data.put(tool, entry);
        judge(tool, processes, found, said, findings);
        return count;
    }

    /** In a pool, what is behind one block is in another one, and no tool sees it. */
    static Setup setup(Run run) {
        return Setup.own(run.options().libraries())
                .with("cortado.test.gpu", "true")
                .with("cortado.cuda.memory", "exact");
    }

    /** A process of tests that begin within so many seconds, under a tool. */
    private static Program program(Run run, String tool, String log, Path done, double seconds) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("" + seconds, TestRun.DRIVER_ONLY, done.toString()));
        arguments.addAll(TESTS);
        Program tests =
                run.java(
                        setup(run),
                        TestRun.HEAP,
                        TestRun.PROGRAM,
                        arguments.toArray(String[]::new));
        List<String> command = new ArrayList<>();
        command.add(program().orElseThrow().toString());
        command.addAll(List.of("--tool", tool, "--target-processes", "all", "--print-limit", "20"));
        // Java's own frames tell nothing, and are not made to be walked through.
        command.addAll(List.of("--show-backtrace", "device"));
        command.addAll(List.of("--log-file", run.logs().resolve(log + ".log").toString()));
        command.addAll(tests.command());
        return new Program(command);
    }

    /** What a tool wrote about all its processes. */
    private static String said(Run run, String tool, int processes) {
        StringBuilder said = new StringBuilder();
        for (int n = 1; n <= processes; n++) {
            said.append(text(run.logs().resolve(tool + (n == 1 ? "" : "-" + n) + ".log")));
        }
        return said.toString();
    }

    private static void judge(
            String tool,
            TestProcesses processes,
            Optional<Long> found,
            String said,
            Findings findings) {
        Child child = processes.last();
        TestRun results = processes.tests();
        if (found.isPresent() && found.get() > 0) {
            findings.fault(tool + ":\n```\n" + begin(said) + "\n```");
        }
        for (TestRun.Test test : results.tests()) {
            if (test.status().equals("failed")) {
                findings.fault("under " + tool + ", " + test.name() + ": " + test.message());
            }
        }
        for (String why : processes.breaks()) {
            findings.note("under " + tool + " another process went on with the tests: " + why);
        }
        if (child.cutOff()) {
            findings.cutOff(tool + " was stopped during " + results.unfinished());
        } else if (found.isEmpty()) {
            findings.fault(tool + " gave no summary: " + child.failure() + "\n" + begin(said));
        } else if (results.count("passed") == 0) {
            findings.fault("under " + tool + " not one test passed: " + child.failure());
        } else if (results.ending().equals("time")) {
            findings.note(
                    tool
                            + ": its time was over after "
                            + results.tests().size()
                            + " tests; a longer --budget has more");
        } else if (!results.complete()) {
            findings.fault("under " + tool + " the tests broke off: " + child.failure());
        }
    }

    private static final Pattern SUMMARY =
            Pattern.compile("(?:ERROR SUMMARY: (\\d+) error|RACECHECK SUMMARY: (\\d+) hazard)");

    /** How many findings the summaries in a log count; empty where there is no summary. */
    static Optional<Long> findings(String log) {
        Matcher m = SUMMARY.matcher(log);
        Optional<Long> sum = Optional.empty();
        while (m.find()) {
            String n = m.group(1) == null ? m.group(2) : m.group(1);
            sum = Optional.of(sum.orElse(0L) + Long.parseLong(n));
        }
        return sum;
    }

    private static String begin(String log) {
        return String.join("\n", log.lines().limit(SHOWN_LINES).toList());
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
