package io.github.cortado.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import io.github.cortado.io.Json;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests where there is no Maven: {@code GpuTests SECONDS TAGS DONE [CLASS...]}, by default all
 * whose tags fit the expression, such as {@code gpu | libraries}, else those of them that are in
 * the classes named; without those in the file DONE, to which each is added as it begins. So the
 * same command again runs what one that crashed has left. Every test is a line of JSON on standard
 * output when it begins and another when it ends, so that whoever reads them knows what there was
 * until a crash; what the tests print goes to standard error. When the seconds are over the process
 * ends before the next test, by itself: a tool that watches it, such as compute-sanitizer, then
 * still says what it found. After an error that no later call to the driver survives it ends too,
 * for every later test would fail. The last line says which: {@code ended} is {@code all}, {@code
 * time} or {@code context}.
 */
final class GpuTests implements TestExecutionListener {
    private static final String EVERYTHING = "io.github.cortado";
    private static final int LONGEST_MESSAGE = 2000;

    /** Has JUnit find {@link DoneTests}. */
    private static final String AUTODETECTION = "junit.jupiter.extensions.autodetection.enabled";

    /** Arguments before the classes' names. */
    private static final int FIXED = 3;

    private final PrintStream out;
    private final long end;
    private final Map<TestIdentifier, Long> begun = new LinkedHashMap<>();
    private @Nullable TestPlan plan;

    private GpuTests(PrintStream out, double seconds) {
        this.out = out;
        this.end = System.nanoTime() + Math.round(seconds * 1e9);
    }

    /** Runs them; the exit code is 0 even if tests fail, for the lines say so. */
    public static void main(String[] arguments) {
        PrintStream lines =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        GpuTests listener = new GpuTests(lines, Double.parseDouble(arguments[0]));
        DoneTests.in(Path.of(arguments[2]));
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectors(List.of(arguments)))
                                .filters(TagFilter.includeTags(arguments[1]))
                                .configurationParameter(AUTODETECTION, "true")
                                .build(),
                        listener);
        listener.line("ended", "all");
        System.exit(0);
    }

    private static List<DiscoverySelector> selectors(List<String> arguments) {
        return arguments.size() == FIXED
                ? List.of(selectPackage(EVERYTHING))
                : arguments.stream()
                        .skip(FIXED)
                        .map(name -> (DiscoverySelector) selectClass(name))
                        .toList();
    }

    @Override
    public void testPlanExecutionStarted(TestPlan all) {
        plan = all;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.isTest() && !DoneTests.has(test.getUniqueId())) {
            if (System.nanoTime() > end) {
                line("ended", "time");
                System.exit(0);
            }
            DoneTests.note(test.getUniqueId());
            line("begins", name(test));
        }
        begun.put(test, System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (!DoneTests.has(test.getUniqueId())) {
            ended(test, "skipped", 0, reason);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (DoneTests.has(test.getUniqueId())) {
            return;
        }
        double milliseconds =
                (System.nanoTime() - begun.getOrDefault(test, System.nanoTime())) / 1e6;
        switch (result.getStatus()) {
            case SUCCESSFUL -> {
                if (test.isTest()) {
                    ended(test, "passed", milliseconds, "");
                }
            }
            // What holds tests counts where it fails: none of them has run then.
            case ABORTED -> ended(test, "skipped", milliseconds, reason(result));
            case FAILED -> failed(test, milliseconds, result.getThrowable());
        }
    }

    private void failed(TestIdentifier test, double milliseconds, Optional<Throwable> failure) {
        ended(test, "failed", milliseconds, failure.map(GpuTests::message).orElse(""));
        Optional<String> lost = failure.flatMap(LostContext::after);
        if (lost.isPresent()) {
            if (test.isContainer()) {
                DoneTests.note(test.getUniqueId());
            }
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("ended", "context");
            line.put("why", lost.get());
            out.println(Json.write(line));
            // Not exit: what would tidy up calls a driver that answers nothing any more.
            Runtime.getRuntime().halt(0);
        }
    }

    /** Why a test was given up: in the words of whoever did, without JUnit's. */
    private static String reason(TestExecutionResult result) {
        return result.getThrowable()
                .map(e -> String.valueOf(e.getMessage()).replaceFirst("^Assumption failed: ", ""))
                .orElse("");
    }

    private void ended(TestIdentifier test, String status, double milliseconds, String message) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("test", name(test));
        line.put("status", status);
        line.put("milliseconds", milliseconds);
        line.put("message", message);
        out.println(Json.write(line));
    }

    private void line(String key, String value) {
        out.println(Json.write(Map.of(key, value)));
    }

    /** Class, method, and which of its runs, as people read them. */
    private String name(TestIdentifier test) {
        Stream<String> path =
                Stream.iterate(test, this::parent)
                        .takeWhile(t -> t != null)
                        .map(TestIdentifier::getDisplayName);
        List<String> names = path.collect(Collectors.toList());
        Collections.reverse(names);
        return String.join(" > ", names.subList(Math.min(1, names.size() - 1), names.size()));
    }

    private @Nullable TestIdentifier parent(TestIdentifier test) {
        return plan == null ? null : plan.getParent(test).orElse(null);
    }

    /** What went wrong, and the line of ours at which it was noticed. */
    private static String message(Throwable e) {
        String where =
                Stream.of(e.getStackTrace())
                        .filter(frame -> frame.getClassName().startsWith(EVERYTHING))
                        .findFirst()
                        .map(frame -> " (" + frame + ")")
                        .orElse("");
        String text = e.toString();
        return (text.length() > LONGEST_MESSAGE
                        ? text.substring(0, LONGEST_MESSAGE) + " ..."
                        : text)
                + where;
    }
}
