package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes of tests that end before all tests have run; they are shell scripts here. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "SKIPPED: the tests are a shell script")
class TestProcessesTest {
    /**
     * Runs the tests that its arguments name, but for those in the file, as GpuTests does. One
     * crashes, one hangs, one loses the context; one in which nobody knows what to do.
     */
    private static final String TESTS =
            """
            done=$1; shift
            for test; do
              grep -qx "$test" "$done" 2>/dev/null && continue
              echo "$test" >>"$done"
              echo "{\\"begins\\": \\"A > $test\\"}"
              case $test in
                segv*) kill -SEGV $$ ;;
                hang*) exec sleep 100 ;;
                lost*)
                  echo "{\\"test\\": \\"A > $test\\", \\"status\\": \\"failed\\", \\"message\\": \\"719\\"}"
                  echo '{"ended": "context", "why": "CUDA_ERROR_LAUNCH_FAILED"}'; exit 0 ;;
              esac
              echo "{\\"test\\": \\"A > $test\\", \\"status\\": \\"passed\\", \\"message\\": \\"\\"}"
            done
            echo '{"ended": "all"}'
            """;

    @TempDir private Path directory = Path.of("");

    private TestProcesses run(double seconds, String... names) throws IOException {
        Path script = directory.resolve("tests");
        Files.writeString(script, TESTS);
        CheckOptions options =
                CheckOptions.parse(List.of("--out", directory.resolve("report").toString()));
        try (Run run = new Run(options, new Place(directory), () -> {})) {
            run.until(Deadline.in(seconds));
            Setup none = Setup.own("");
            return TestProcesses.run(
                    run,
                    "tests",
                    (log, done) -> {
                        List<String> command =
                                Stream.concat(
                                                Stream.of("sh", script.toString(), done + ""),
                                                Stream.of(names))
                                        .toList();
                        return run.run(log, none, new Program(command), run.left(), 1);
                    });
        }
    }

    private static List<String> story(TestProcesses processes) {
        return processes.tests().tests().stream()
                .map(test -> test.name().substring(4) + " " + test.status())
                .toList();
    }

    private static Findings report(TestProcesses processes) {
        Findings findings = new Findings();
        processes.report(findings);
        findings.end();
        return findings;
    }

    @Test
    void aCrashAHangAndALostContextTakeAlongOneTestEach() throws IOException {
        TestProcesses processes = run(60, "a", "segv", "b", "hang", "c", "lost", "d");
        assertEquals(
                List.of(
                        "a passed",
                        "segv failed",
                        "b passed",
                        "hang failed",
                        "c passed",
                        "lost failed",
                        "d passed"),
                story(processes));
        assertEquals(4, processes.processes());
        assertTrue(processes.tests().complete());
        Findings findings = report(processes);
        assertEquals(3, findings.faults().size(), findings.faults().toString());
        String crash = findings.faults().get(0);
        assertTrue(crash.startsWith("A > segv: its process ended: "), crash);
        assertTrue(crash.contains("code 139"), crash);
        String hang = findings.faults().get(1);
        assertTrue(hang.startsWith("A > hang: it hung"), hang);
        assertEquals("A > lost: 719", findings.faults().get(2));
        assertTrue(findings.notes().get(2).endsWith("CUDA_ERROR_LAUNCH_FAILED"));
    }

    @Test
    void afterTenRestartsNoneIsMade() throws IOException {
        String[] names =
                Stream.iterate(1, i -> i + 1).limit(14).map(i -> "segv" + i).toArray(String[]::new);
        TestProcesses processes = run(60, names);
        assertEquals(1 + TestProcesses.MOST_RESTARTS, processes.processes());
        assertEquals(1 + TestProcesses.MOST_RESTARTS, processes.tests().tests().size());
        String last = report(processes).faults().get(1 + TestProcesses.MOST_RESTARTS);
        assertTrue(last.startsWith("the tests broke off in the process number 11"), last);
    }

    @Test
    void aProcessThatComesToNoTestIsNotStartedAgain() throws IOException {
        CheckOptions options =
                CheckOptions.parse(List.of("--out", directory.resolve("report").toString()));
        try (Run run = new Run(options, new Place(directory), () -> {})) {
            Program broken = new Program(List.of("sh", "-c", "echo no such class >&2; exit 1"));
            TestProcesses processes =
                    TestProcesses.run(
                            run, "tests", (log, done) -> run.run(log, Setup.own(""), broken, 20));
            assertEquals(1, processes.processes());
            String fault = report(processes).faults().get(0);
            assertTrue(fault.contains("no such class"), fault);
        }
    }

    @Test
    void theTestAtWhichTheTimeIsOverIsNoFault() throws IOException {
        TestProcesses processes = run(0.6, "a", "hang");
        assertEquals(List.of("a passed"), story(processes));
        Findings findings = report(processes);
        assertEquals(Findings.Status.CUT_OFF, findings.status());
        assertTrue(findings.cuts().get(0).endsWith("during [A > hang]"), findings.cuts() + "");
    }
}
