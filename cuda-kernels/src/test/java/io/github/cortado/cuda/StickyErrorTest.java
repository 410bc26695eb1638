package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.JavaProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kernel's fault ends the context that it happened in, where the emulated driver is told so. */
class StickyErrorTest {
    private static final int LAUNCH_FAILED = CUresult.CUDA_ERROR_LAUNCH_FAILED;

    private CudaBackend backend;
    private Gpu gpu;
    private EmulatorKnob sticky;

    @BeforeEach
    void open() {
        ExactBackends backends = Emulation.exact();
        backend = backends.plain();
        gpu = backend.gpu();
        sticky = new EmulatorKnob(gpu, "sticky");
    }

    @AfterEach
    void mend() {
        if (sticky != null) {
            sticky.turn(0);
            sticky.close();
        }
    }

    /** Where no memory is. */
    private static void breakContext(Gpu gpu) {
        gpu.launch(Kernel.FILL_8).int64(16).int32(1).int64(7).run();
    }

    private static CudaException failure(Runnable call) {
        return assertThrows(CudaException.class, call::run);
    }

    @Test
    void everyCallThatNeedsTheContextFailsAlike() {
        sticky.turn(1);
        breakContext(gpu);
        for (Runnable call :
                List.<Runnable>of(
                        gpu::synchronize,
                        gpu::synchronize,
                        gpu::freeMemory,
                        () -> backend.allocate(DType.FLOAT32, 3),
                        () -> breakContext(gpu),
                        () -> new HostMemory(8).close())) {
            CudaException e = failure(call);
            assertEquals(LAUNCH_FAILED, e.status());
            assertTrue(e.getMessage().contains("where no memory is"), e.getMessage());
        }
    }

    @Test
    void aCallThatNeedsNoContextStillAnswers() {
        sticky.turn(1);
        breakContext(gpu);
        failure(gpu::synchronize);
        int[] count = new int[1];
        assertEquals(CUresult.CUDA_SUCCESS, cuDeviceGetCount(count));
        assertEquals(1, count[0]);
    }

    @Test
    void onlyAFaultStays() {
        sticky.turn(1);
        try (Gpu.Turn t = gpu.turn()) {
            failure(() -> new Launch(gpu).begin(Kernel.FILL_8).grid(0).run());
        }
        gpu.synchronize();
    }

    @Test
    void untilItIsAskedForAFaultIsToldOnce() {
        breakContext(gpu);
        failure(gpu::synchronize);
        gpu.synchronize();
    }

    /** Program of a process of its own; prints what calls after a fault give, apart by spaces. */
    static final class Broken {
        private Broken() {}

        public static void main(String[] arguments) throws Exception {
            new NativeLibraries().loadDriver();
            Gpu gpu = new Gpu(0);
            breakContext(gpu);
            try (Gpu.Turn t = gpu.turn()) {
                System.out.printf(
                        "statuses %d %d %d%n",
                        cuStreamSynchronize(gpu.stream()),
                        cuMemGetInfo(new long[1], new long[1]),
                        cuCtxSynchronize());
            }
        }
    }

    @Test
    void anEnvironmentVariableAsksForItForAWholeProgram() {
        String every = LAUNCH_FAILED + " " + LAUNCH_FAILED + " " + LAUNCH_FAILED;
        assertEquals("statuses " + every, broken(Map.of("CORTADO_EMULATED_STICKY", "1")));
        assertEquals(
                "statuses " + LAUNCH_FAILED + " 0 0",
                broken(Map.of("CORTADO_EMULATED_STICKY", "0")));
    }

    private static String broken(Map<String, String> environment) {
        List<String> command = new ArrayList<>(List.of("env"));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(
                JavaProgram.plain(
                                Broken.class,
                                List.of(
                                        "-Xmx256m",
                                        "-D"
                                                + NativeLibraries.DIRECTORIES
                                                + "="
                                                + Emulation.driver().orElseThrow()))
                        .command());
        return Command.run(command).strip();
    }
}
