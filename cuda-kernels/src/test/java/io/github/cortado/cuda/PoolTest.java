package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Scope;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LinearSpec;
import org.junit.jupiter.api.Test;

/** With {@code -Dcortado.cuda.memory=exact}, each buffer is an allocation of the driver. */
class PoolTest {
    @Test
    void anExactBufferEndsWhereItsAllocationEnds() {
        CudaBackend backend = Emulation.exact().plain();
        Gpu gpu = backend.gpu();
        try (Scope scope = Scope.open()) {
            CudaBuffer y = gpu.empty(DType.INT64, 3);
            gpu.launch(Kernel.FILL_8, 4).pointer(y).int32(4).int64(5).run();
            String message = assertThrows(CudaException.class, gpu::synchronize).getMessage();
            assertTrue(message.contains("wrote outside an allocation of 24 bytes"), message);
        }
    }

    @Test
    void anExactBufferIsGivenBackAtOnce() {
        CudaBackend backend = Emulation.exact().plain();
        long before = backend.gpu().memory().reserved();
        Buffer a = backend.empty(DType.FLOAT32, 7);
        Buffer b = backend.empty(DType.UINT8, 5);
        assertEquals(before + 33, backend.gpu().memory().reserved());
        a.release("the test is done with it");
        assertEquals(before + 5, backend.gpu().memory().reserved());
        b.release("the test is done with it");
        assertEquals(before, backend.gpu().memory().reserved());
    }

    /** In a capture nothing may be given back, and a graph writes to its memory again. */
    @Test
    void aRecordedStepGivesExactBuffersBackWhenItMay() {
        CudaBackend backend = Emulation.exact().plain();
        long before = backend.gpu().memory().reserved();
        Buffer y = backend.allocate(DType.FLOAT32, 3);
        Buffer[] older = new Buffer[5];
        for (int i = 0; i < older.length; i++) {
            older[i] = backend.empty(DType.FLOAT32, 100);
        }
        int[] run = {0};
        float[] found = new float[3];
        try (CompiledStep<Buffer> step =
                backend.compile(
                        () -> {
                            older[run[0]++].release("the step is done with it");
                            Buffer one = backend.empty(DType.FLOAT32, 3);
                            backend.fill(one, 1);
                            Pointwise.accumulate(backend, one, y);
                            one.release("the step is done with it");
                            return y;
                        })) {
            for (int i = 0; i < 6; i++) {
                step.run();
            }
            assertEquals(3, run[0]);
            // The number slots and what the recorded step took last as long as it does.
            long inStep = backend.gpu().memory().reserved() - before;
            assertTrue(inStep >= 3 * 4 + 2 * 400, () -> inStep + " bytes");
            backend.download(y, found);
        }
        assertArrayEquals(new float[] {6, 6, 6}, found);
        older[3].release("the test is done with it");
        older[4].release("the test is done with it");
        y.release("the test is done with it");
        assertEquals(before, backend.gpu().memory().reserved());
    }

    @Test
    void aGpuThatIsOpenedInsideAScopeOutlivesIt() {
        Emulation.exact();
        CudaBackend backend;
        try (Scope scope = Scope.open()) {
            backend = ExactBackends.open().plain();
        }
        float[] y = new float[1];
        Buffer two = backend.allocate(DType.FLOAT32, 1);
        backend.fill(two, 2);
        Buffer product = backend.allocate(DType.FLOAT32, 1);
        backend.linear(two, two, null, product, new LinearSpec(1, 1, 1));
        backend.download(product, y);
        assertArrayEquals(new float[] {4}, y);
        // What it compiles on other threads would break captures on all of the emulated devices.
        backend.gpu().kernels().await();
    }
}
