package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.JavaProgram;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Modules are compiled side by side, each once, and an error is told to whom it concerns. */
class ModulesTest {
    private static final int COMPILE_MILLIS = 20;

    private Emulator emulator;

    @BeforeEach
    void open() {
        emulator = new Emulator(Emulation.exact());
        emulator.loads();
        emulator.compileTime(COMPILE_MILLIS);
    }

    @AfterEach
    void restore() {
        if (emulator != null) {
            emulator.compileTime(0);
            emulator.breakModule("");
        }
    }

    private static Set<String> files(boolean tf32) {
        Set<String> files = new TreeSet<>();
        for (Kernel kernel : Kernel.values()) {
            if (tf32 || !kernel.file().endsWith("_tf32")) {
                files.add(kernel.file());
            }
        }
        return files;
    }

    private static void load(Gpu gpu, Kernel kernel) {
        try (Gpu.Turn t = gpu.turn()) {
            gpu.kernels().get(kernel);
        }
    }

    private static void await(Gpu gpu) {
        try (Gpu.Turn t = gpu.turn()) {
            gpu.kernels().await();
        }
    }

    @Test
    void openingAGpuCompilesNothing() {
        new Gpu(0);
        assertEquals(List.of(), emulator.loads().files());
    }

    @Test
    void theFirstKernelHasAllModulesCompiledSideBySide() {
        Gpu gpu = new Gpu(0);
        load(gpu, Kernel.RELU);
        await(gpu);
        for (Kernel kernel : Kernel.values()) {
            if (!kernel.file().endsWith("_tf32")) {
                load(gpu, kernel);
            }
        }
        Emulator.Loads loads = emulator.loads();
        assertEquals(files(false), new TreeSet<>(loads.files()));
        assertEquals(files(false).size(), loads.files().size(), () -> "twice: " + loads.files());
        assertTrue(loads.together() > 1, () -> loads.together() + " at the same time");
    }

    @Test
    void tensorCoresWaitUntilTheyAreWanted() {
        Gpu gpu = new Gpu(0);
        load(gpu, Kernel.MATMUL_TF32_64);
        await(gpu);
        Set<String> expected = new HashSet<>(files(false));
        expected.add("matmul_tf32");
        assertEquals(expected, new HashSet<>(emulator.loads().files()));
    }

    @Test
    void anErrorInAModuleIsToldToWhomAsksForItsKernels() {
        emulator.breakModule(".entry max_pool(");
        Gpu gpu = new Gpu(0);
        load(gpu, Kernel.RELU);
        await(gpu);
        for (int i = 0; i < 2; i++) {
            CudaException e =
                    assertThrows(CudaException.class, () -> load(gpu, Kernel.AVG_POOL_GRAD));
            assertEquals(CUresult.CUDA_ERROR_INVALID_PTX, e.status());
            assertEquals(
                    "compiling pool.ptx for compute capability 7.5 : CUDA_ERROR_INVALID_PTX,"
                            + " this module was to be broken",
                    e.getMessage());
        }
        for (Kernel kernel : Kernel.values()) {
            if (!kernel.file().equals("pool")) {
                load(gpu, kernel);
            }
        }
        emulator.breakModule("");
        load(gpu, Kernel.AVG_POOL_GRAD);
    }

    /** Program of a process of its own, which ends while modules are being compiled. */
    static final class Short {
        private Short() {}

        public static void main(String[] arguments) throws Exception {
            new NativeLibraries().loadDriver();
            Gpu gpu = new Gpu(0);
            // The virtual machine itself waits for 300 ms.
            EmulatorKnob.turn(gpu, "compile_time", 700);
            load(gpu, Kernel.RELU);
            System.out.println("ends");
        }
    }

    @Test
    void aProcessThatEndsMeanwhileEndsWell() {
        String output =
                Command.run(
                        JavaProgram.plain(
                                        Short.class,
                                        List.of(
                                                "-Xmx256m",
                                                "-D"
                                                        + NativeLibraries.DIRECTORIES
                                                        + "="
                                                        + Emulation.driver().orElseThrow()))
                                .command());
        assertEquals("ends", output.strip());
    }
}
