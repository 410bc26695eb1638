package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interpreter, C1 and C2 compute the same bits for each vector width: a run does not depend on when
 * the virtual machine chose to compile what. Each mode is a virtual machine of its own.
 */
@Tag("vector-only")
class SameBitsTest {
    @TempDir Path dir;

    /** Of so many rows of the contract the default build takes one, with this machine's vectors. */
    private static final int SAMPLE = 67;

    @Test
    void interpreterAndBothCompilersAgreeOnASample() throws Exception {
        compare(SAMPLE, 64);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    @Tag("thorough")
    void interpreterAndBothCompilersAgree(int vectorBytes) throws Exception {
        compare(1, vectorBytes);
    }

    private void compare(int of, int vectorBytes) throws Exception {
        int lines = new Compilers(dir, BitsOfABackend.class).compare(vectorBytes, "cpu", "" + of);
        assertTrue(lines > 1000 / of, lines + " lines");
    }
}
