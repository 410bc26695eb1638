package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the lines of a run of tests, and of compute-sanitizer's words. */
class TestRunTest {
    private static final String BEGUN = "{\"begins\": \"A > two()\"}\n";
    private static final String LINES =
            "{\"begins\": \"A > one()\"}\n"
                    + line("A > one()", "passed", "")
                    + BEGUN
                    + line("A > two()", "failed", "AssertionError: 1 <> 2")
                    + line("B > three()", "skipped", "no such thing");

    private static String line(String test, String status, String message) {
        return String.format(
                "{\"test\": \"%s\", \"status\": \"%s\", \"milliseconds\": 1500.0, \"message\":"
                        + " \"%s\"}\n",
                test, status, message);
    }

    @TempDir private Path directory = Path.of("");

    private Child child(String out, int code, boolean cutOff) throws Exception {
        Path file = directory.resolve("out");
        Files.writeString(file, out);
        Child.Ending ending = cutOff ? Child.Ending.OUT_OF_TIME : Child.Ending.BY_ITSELF;
        return new Child(new Program(List.of("tests")), code, ending, 12, file, file);
    }

    private static Findings judge(Child child) {
        TestRun tests = TestRun.of(child.jsonLines());
        return judge(new TestProcesses(tests, child, 1, List.of()));
    }

    private static Findings judge(TestProcesses processes) {
        Findings findings = new Findings();
        processes.report(findings);
        findings.end();
        return findings;
    }

    @Test
    void testsAreCountedByTheirClass() throws Exception {
        Child child = child(LINES + "{\"ended\": \"all\"}\n", 0, false);
        TestRun run = TestRun.of(child.jsonLines());
        assertTrue(run.complete());
        assertEquals("1 passed, 1 failed, 1 skipped", run.summary());
        List<String> table = run.table().markdown().lines().skip(2).toList();
        assertEquals(List.of("| A | 1 | 1 | 0 | 3.00 |", "| B | 0 | 0 | 1 | 1.50 |"), table);
        Findings findings = judge(child);
        assertEquals(List.of("A > two(): AssertionError: 1 <> 2"), findings.faults());
        assertEquals(List.of("B > three(): no such thing"), findings.notes());
    }

    @Test
    void theTestAtWhichTheTimeIsOverIsNamedAndCountsAsCutOff() throws Exception {
        Findings findings = judge(child(line("A > one()", "passed", "") + BEGUN, 143, true));
        assertEquals(Findings.Status.CUT_OFF, findings.status());
        assertTrue(findings.cuts().get(0).endsWith("during [A > two()]"), findings.cuts() + "");
    }

    @Test
    void noTestAtAllIsAFault() throws Exception {
        Findings findings = judge(child("{\"ended\": \"all\"}\n", 0, false));
        assertEquals(Findings.Status.FAILED, findings.status());
    }

    @Test
    void whatComputeSanitizerFoundIsInItsSummaries() {
        assertEquals(Optional.empty(), SanitizerSection.findings("========= COMPUTE-SANITIZER\n"));
        assertEquals(
                Optional.of(0L), SanitizerSection.findings("========= ERROR SUMMARY: 0 errors\n"));
        assertEquals(
                Optional.of(3L),
                SanitizerSection.findings(
                        "========= Invalid __global__ read of size 4 bytes\n"
                                + "========= ERROR SUMMARY: 1 error\n"
                                + "========= RACECHECK SUMMARY: 2 hazards displayed (2 errors, 0"
                                + " warnings)\n"));
    }

    @Test
    void whatNvidiaSmiSaysIsReadByItsFields() {
        var fields =
                SystemManagement.parse(
                        "NVIDIA H100 80GB HBM3, 580.159.04, 9.0, 81559 MiB, 0 MiB, 345 MHz, 2619"
                                + " MHz, 1980 MHz, 2619 MHz, 70.00 W, 700.00 W, 31, P0, Default,"
                                + " Disabled, Enabled\n");
        assertEquals("580.159.04", fields.get("driver_version"));
        assertEquals("1980 MHz", fields.get("clocks.max.sm"));
        assertEquals("P0", fields.get("pstate"));
        assertEquals("Enabled", fields.get("ecc.mode.current"));
    }
}
