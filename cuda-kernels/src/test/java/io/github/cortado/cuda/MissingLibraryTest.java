package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.backend.Conv2dSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A library that is not there is a reason, and an error only where it was asked for. */
@Tag("without-cudnn")
class MissingLibraryTest {
    private static final String REASON =
            "cuDNN is not used: there is no libcudnn.so.9 in LD_LIBRARY_PATH, CUDA's usual"
                    + " directories or those that -Dcortado.cuda.libraries=DIR[:DIR] names (";

    @BeforeEach
    void thereIsNone() {
        Emulation.backend();
        assumeFalse(
                Emulation.isOnGpu() || new NativeLibraries().find("libcudnn.so.9").isPresent(),
                "SKIPPED: this machine has cuDNN");
    }

    @Test
    void everythingGoesToOurKernelsAndTheReasonStays() {
        try (OtherBackend other = new OtherBackend()) {
            CudaBackend b = other.backend;
            Conv2dSpec s = new Conv2dSpec(64, 64, 32, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1);
            Task large = new Task(Op.CONV, s, false, false, false);
            assertEquals(Library.CUDNN, ChoiceTable.committed().choice(large, 75));
            boolean[] own = {false};
            b.choices().run(large, () -> own[0] = true, way -> {});
            assertTrue(own[0]);
            assertEquals(Optional.of(Way.OWN), b.choices().made(large));
            // The first line tells more than the second would: the class is broken by then.
            String reason = b.choices().libraries().describe(Library.CUDNN);
            assertTrue(reason.startsWith(REASON) && reason.contains(".so.9: "), reason);
            assertEquals(reason, b.choices().libraries().describe(Library.CUDNN));
            assertTrue(b.choices().describe().contains(reason), b.choices().describe().toString());
        }
    }

    @Test
    void whereItWasAskedForItIsAnError() {
        for (String property : new String[] {"conv", "pool", "relu", "dropout"}) {
            String name = "cortado.cuda." + property;
            var e =
                    assertThrows(
                            IllegalArgumentException.class, () -> new OtherBackend(name, "cudnn"));
            assertTrue(
                    e.getMessage().startsWith("-D" + name + "=cudnn: " + REASON), e.getMessage());
        }
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new OtherBackend(Preferences.USE, "cublas,cudnn"));
        assertTrue(
                e.getMessage().startsWith("-Dcortado.cuda.use=cublas,cudnn: " + REASON),
                e.getMessage());
    }

    @Test
    void cublas13FindsItsCompanionBesideIt() throws Exception {
        Path file = new NativeLibraries().find("libcublas.so.13").orElseThrow();
        assertTrue(
                ElfLibrary.needed(Files.readAllBytes(file)).contains("libcublasLt.so.13"),
                "the emulated cuBLAS needs its companion");
        // And nothing but its having been loaded by its path lets the linker find it.
        assertTrue(Files.exists(file.resolveSibling("libcublasLt.so.13")));
        assertEquals(Optional.empty(), new NativeLibraries("", null).find("libcublasLt.so.13"));
    }
}
