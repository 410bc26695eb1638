package io.github.cortado.cuda;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The committed PTX is what the sources make, and every GPU that it promises can be compiled for.
 */
class PtxTest {
    private static final boolean CI = "true".equals(System.getenv("CI"));

    static Stream<Path> sources() {
        return KernelSources.files().stream();
    }

    @ParameterizedTest
    @MethodSource("sources")
    @Tag("gpu")
    void everyPtxIsMadeFromTheSourcesThatAreThere(Path file) {
        String header = Kernels.header(KernelSources.name(file));
        assertTrue(
                header.contains("sources " + Ptx.hash(file)),
                () -> file + " has changed since its PTX was made; make it anew: " + Ptx.COMMAND);
    }

    /** One of the sources, where nvcc is; all of them take half a minute. */
    @Test
    void nvccMakesTheSameBytesOfASource() {
        nvccMakesTheSameBytes(KernelSources.file("bias"));
    }

    @ParameterizedTest
    @MethodSource("sources")
    @Tag("thorough")
    void nvccMakesTheSameBytes(Path file) {
        Optional<Ptx> nvcc = Ptx.compiler();
        if (nvcc.isEmpty() && CI) {
            fail("no nvcc, and CI=true allows no skip");
        }
        assumeTrue(nvcc.isPresent(), "SKIPPED: there is no nvcc to compile the kernels anew");
        String committed = new String(Kernels.ptx(KernelSources.name(file)), US_ASCII);
        String version = nvcc.get().version();
        assumeTrue(
                committed.contains(version + " "),
                () -> "SKIPPED: the PTX was made by another nvcc than this, " + version);
        assertEquals(nvcc.get().compile(file) + '\0', committed, file + ": " + Ptx.COMMAND);
    }

    /** For one of them; each of the others takes as long again. */
    @ParameterizedTest
    @MethodSource("sources")
    void everyPtxCompilesForHopper(Path file) {
        compile(file, HOPPER);
    }

    @ParameterizedTest
    @MethodSource("sources")
    @Tag("thorough")
    void everyPtxCompilesForTheGpusThatItPromises(Path file) {
        compile(file, Ptx.capability(file) == 75 ? OLD_AND_NEW : NEW);
    }

    private static void compile(Path file, int... capabilities) {
        assumeTrue(isLinuxOnX86(), "SKIPPED: JCuda's PTX compiler is for Linux on x86-64");
        for (int capability : capabilities) {
            String text = new String(Kernels.ptx(KernelSources.name(file)), US_ASCII);
            Assembler.assemble(text, capability, file + " for sm_" + capability);
        }
    }

    /** The newest assembler minds what it does not expect of a version, as a new driver will. */
    @ParameterizedTest
    @MethodSource("sources")
    @Tag("thorough")
    void theAssemblerOfThisMachineTakesEveryPtx(Path file) {
        Optional<KernelResources> ptxas = KernelResources.assembler();
        if (ptxas.isEmpty() && CI) {
            fail("no ptxas, and CI=true allows no skip");
        }
        assumeTrue(ptxas.isPresent(), "SKIPPED: there is no ptxas to assemble the PTX with");
        assertEquals(
                KernelSources.kernels(KernelSources.text(file)).size(),
                ptxas.get().measure(KernelSources.name(file)).size());
    }

    private static final int[] OLD_AND_NEW = {75, 80, 90};
    private static final int[] NEW = {80, 90};
    private static final int HOPPER = 90;

    private static boolean isLinuxOnX86() {
        return System.getProperty("os.name").startsWith("Linux")
                && System.getProperty("os.arch").equals("amd64");
    }

    @Test
    @Tag("gpu")
    void theTableOfKernelsNamesEveryKernelAndNoOther() {
        Set<String> inTable =
                Arrays.stream(Kernel.values())
                        .map(k -> k.file() + " " + k.function())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> inSources = new TreeSet<>();
        for (Path file : KernelSources.files()) {
            for (String kernel : KernelSources.kernels(KernelSources.text(file))) {
                inSources.add(KernelSources.name(file) + " " + kernel);
            }
        }
        assertEquals(inSources, inTable);
    }
}
