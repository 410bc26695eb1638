package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes that answer, fail, or do not end. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "SKIPPED: the programs are shell scripts")
class ChildTest {
    @TempDir private Path logs = Path.of("");

    private Child run(String script, double seconds) {
        Program program = new Program(List.of("/bin/sh", "-c", script));
        return Child.run(program, Map.of("ANSWER", "42"), logs, "child", Child.Limits.of(seconds));
    }

    @Test
    void anAnswerIsTheLastLineThatIsAnObject() {
        Child child = run("echo '{\"a\": 1}'; echo '{half'; echo \"{\\\"a\\\": $ANSWER}\"", 20);
        assertTrue(child.isGood());
        assertEquals(Map.of("a", 42L), child.json().orElseThrow());
        assertEquals(2, child.jsonLines().size());
    }

    @Test
    void anAnswerThatIsCutOffIsWhatWasSaidByThen() {
        String lines = "echo '{\"n\": 1, \"partial\": true}'; echo '{\"n\": 2, \"partial\": true}'";
        Child child = run(lines + "; sleep 100", 0.7);
        assertTrue(child.whole().isEmpty());
        assertEquals(2L, child.partial().orElseThrow().get("n"));
        Child crashed = run(lines + "; exit 9", 20);
        assertEquals(2L, crashed.partial().orElseThrow().get("n"));
        Child whole = run(lines + "; echo '{\"n\": 3}'", 20);
        assertEquals(Map.of("n", 3L), whole.whole().orElseThrow());
        assertTrue(whole.partial().isEmpty());
    }

    @Test
    void whatSaysNothingForTooLongIsEnded() {
        Program program =
                new Program(List.of("/bin/sh", "-c", "echo 1; sleep 0.6; echo 2; sleep 100"));
        long begun = System.nanoTime();
        Child child =
                Child.run(program, Map.of(), logs, "silent", new Child.Limits(50, 1, () -> {}));
        assertTrue(System.nanoTime() - begun < 20e9);
        assertEquals(Child.Ending.SILENT, child.ending());
        assertFalse(child.cutOff());
        assertEquals("1\n2\n", child.text());
        assertTrue(child.failure().contains("hung"), child.failure());
    }

    @Test
    void aCrashSaysItsCodeAndTheEndOfWhatItSaid() {
        Child child = run("echo before; echo '{\"begins\": \"x\"}'; echo broken >&2; exit 7", 20);
        assertFalse(child.isGood());
        assertFalse(child.cutOff());
        assertEquals(7, child.code());
        assertTrue(child.failure().contains("ended with code 7"), child.failure());
        assertTrue(child.failure().endsWith("broken"), child.failure());
        assertEquals(List.of(Map.of("begins", "x")), child.jsonLines());
    }

    @Test
    void whatHangsIsEndedWithAllThatItHasStartedAndItsWordsAreKept() throws Exception {
        // The inner shell does not want to end.
        String hanging = "sh -c 'trap \"\" TERM; echo $$; sleep 1000; sleep 1000' & wait";
        long begun = System.nanoTime();
        Child child = run("echo '{\"begins\": \"test\"}'; " + hanging, 0.7);
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertTrue(seconds < 15, seconds + " s");
        assertTrue(child.cutOff());
        assertFalse(child.isGood());
        assertTrue(child.failure().contains("cut off after"), child.failure());
        assertEquals(List.of(Map.of("begins", "test")), child.jsonLines());
        long inner = Long.parseLong(child.text().lines().skip(1).findFirst().orElseThrow());
        Deadline soon = Deadline.in(5);
        while (isAlive(inner) && soon.left() > 0) {
            Thread.sleep(10);
        }
        assertFalse(isAlive(inner), "process " + inner);
    }

    private static boolean isAlive(long process) {
        return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void whatCannotBeStartedIsNamed() {
        Program program = new Program(List.of("/no/such/program"));
        Program.FailedException e =
                assertThrows(
                        Program.FailedException.class,
                        () -> Child.run(program, Map.of(), logs, "none", Child.Limits.of(5)));
        assertTrue(e.getMessage().contains("/no/such/program"), e.getMessage());
    }
}
