package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs after all others, in a run of its own, for it reads what they had launched. */
@Tag("verification")
class VerificationTest {
    private static Verification complete() throws Exception {
        boolean recorded = Files.isDirectory(LaunchRecorder.DIRECTORY);
        boolean complete = recorded && Verification.read().isComplete();
        if ("true".equals(System.getenv("CI"))) {
            assertEquals(true, complete, "the contract has run, with and without libraries");
        }
        assumeTrue(
                complete,
                "SKIPPED: the table is compared where the contract has run on the emulated driver");
        return Verification.read();
    }

    @Test
    void theTableOfTheReadmeIsWhatTheTestsDid() throws Exception {
        Verification tests = complete();
        assertEquals(
                tests.table(),
                Verification.table(Files.readString(Verification.README)),
                Verification.COMMAND);
    }

    @Test
    void everyKernelWasLaunched() throws Exception {
        assertEquals(Set.of(), complete().unlaunched());
    }

    @Test
    void aReadmeWithoutTheMarksIsNamed() {
        var e = assertThrows(IllegalStateException.class, () -> Verification.table("# Title\n"));
        assertFalse(e.getMessage().isBlank());
    }
}
