package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KernelResourcesTest {
    @Test
    @Tag("thorough")
    void theTableIsWhatPtxasSays() throws Exception {
        Optional<KernelResources> ptxas = KernelResources.assembler();
        if (ptxas.isEmpty() && "true".equals(System.getenv("CI"))) {
            fail("no ptxas, and CI=true allows no skip");
        }
        assumeTrue(ptxas.isPresent(), "SKIPPED: there is no ptxas to look at the kernels with");
        String committed = Files.readString(Path.of(KernelResources.TABLE));
        String version = ptxas.get().version();
        assumeTrue(
                committed.contains(version + " "),
                () -> "SKIPPED: the table was made by another ptxas than this, " + version);
        assertEquals(ptxas.get().table(), committed, KernelResources.COMMAND);
    }

    @Test
    void noKernelSpillsOrHasAnArrayInLocalMemory() throws Exception {
        List<String> kernels =
                Files.readString(Path.of(KernelResources.TABLE))
                        .lines()
                        .filter(line -> line.contains("| `"))
                        .toList();
        assertEquals(Kernel.values().length, kernels.size());
        // The columns of stack and of spilled bytes: a parameter that is copied to be indexed
        // counts.
        List<String> local =
                kernels.stream()
                        .filter(line -> !line.matches("(\\|[^|]+){5}\\| 0 \\| 0 \\|.*"))
                        .toList();
        assertEquals("", String.join("\n", local));
    }

    @Test
    void blocksFitRegistersSharedMemoryAndThreads() {
        // 65,536 registers, 233,472 bytes, 2,048 threads.
        assertEquals(4, new KernelResources.Needs("", "", 256, 64, 0, 0, 0).blocks());
        assertEquals(2, new KernelResources.Needs("", "", 256, 128, 16_384, 0, 0).blocks());
        assertEquals(6, new KernelResources.Needs("", "", 128, 32, 36_000, 0, 0).blocks());
        assertEquals(1, new KernelResources.Needs("", "", 256, 32, 0, 0, 0).occupancy());
    }
}
