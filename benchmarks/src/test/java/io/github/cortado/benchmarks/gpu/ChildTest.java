package io.github.cortado.benchmarks.gpu;

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
        return Child.run(program, Map.of("ANSWER", "42"), logs, "child", seconds);
    }

    @Test
    void anAnswerIsTheLastLineThatIsAnObject() {
        Child child = run("echo '{\"a\": 1}'; echo '{half'; echo \"{\\\"a\\\": $ANSWER}\"", 20);
        assertTrue(child.isGood());
        assertEquals(Map.of("a", 42L), child.json().orElseThrow());
        assertEquals(2, child.jsonLines().size());
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
                        () -> Child.run(program, Map.of(), logs, "none", 5));
        assertTrue(e.getMessage().contains("/no/such/program"), e.getMessage());
    }
}
