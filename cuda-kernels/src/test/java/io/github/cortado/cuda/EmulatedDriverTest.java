package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The emulated driver is as strict as a real one, and as late: a program that is wrong shows. */
class EmulatedDriverTest {
    private static final int N = 4;
    private static final int BYTES = N * Float.BYTES;
    private static final int RELAXED = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
    private static final int CAPTURE_INVALIDATED = CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;

    private Gpu gpu;
    private CUstream stream;
    private Gpu.Turn turn;
    private HostMemory host;
    private Address device;

    @BeforeEach
    void open() {
        gpu = Emulation.exact().plain().gpu();
        stream = gpu.stream();
        turn = gpu.turn();
        host = new HostMemory(BYTES);
        device = new Address();
        ok(cuMemAlloc(device, BYTES));
    }

    @AfterEach
    void close() {
        if (turn != null) {
            cuStreamSynchronize(stream);
            cuMemFree(device);
            host.close();
            turn.close();
        }
    }

    private static void ok(int status) {
        Driver.check(status, "a call that should succeed");
    }

    private void fill(float value) {
        ok(cuMemsetD32Async(device, Float.floatToIntBits(value), N, stream));
    }

    private float onHost() {
        return host.bytes().getFloat(0);
    }

    private void put(float value) {
        for (int i = 0; i < N; i++) {
            host.bytes().putFloat(i * Float.BYTES, value);
        }
    }

    private float onDevice() {
        ok(cuStreamSynchronize(stream));
        float[] values = new float[N];
        ok(cuMemcpyDtoH(Pointer.to(values), device, BYTES));
        return values[N - 1];
    }

    @Test
    void aHostReadThatNobodyWaitedForSeesOldValues() {
        put(1);
        fill(2);
        ok(cuMemcpyDtoHAsync(host.pointer(), device, BYTES, stream));
        assertEquals(1, onHost());
        ok(cuStreamSynchronize(stream));
        assertEquals(2, onHost());
    }

    @Test
    void aCopyWithoutAStreamDoesNotWaitForOthers() {
        fill(1);
        ok(cuStreamSynchronize(stream));
        fill(2);
        float[] values = new float[N];
        ok(cuMemcpyDtoH(Pointer.to(values), device, BYTES));
        assertEquals(1, values[0]);
        assertEquals(2, onDevice());
    }

    @Test
    void aStagingBufferThatIsOverwrittenTooEarlySpoilsTheCopy() {
        put(1);
        ok(cuMemcpyHtoDAsync(device, host.pointer(), BYTES, stream));
        put(2);
        assertEquals(2, onDevice());
        put(3);
        ok(cuMemcpyHtoDAsync(device, host.pointer(), BYTES, stream));
        ok(cuStreamSynchronize(stream));
        put(4);
        assertEquals(3, onDevice());
    }

    @Test
    void anAsynchronousCopyToTheHostWantsPageLockedMemory() {
        Pointer heap = Pointer.to(new float[N]);
        refused("not page-locked", () -> cuMemcpyDtoHAsync(heap, device, BYTES, stream));
    }

    @Test
    void memoryIsNaNUntilItIsWritten() {
        assertTrue(Float.isNaN(onDevice()));
        fill(1);
        ok(cuMemFree(device));
        ok(cuMemAlloc(device, BYTES));
        assertTrue(Float.isNaN(onDevice()));
    }

    @Test
    void memoryThatWasFreedIsGone() {
        Address other = new Address();
        ok(cuMemAlloc(other, BYTES));
        ok(cuMemFree(other));
        refused("not allocated", () -> cuMemFree(other));
        gpu.launch(Kernel.FILL_8).int64(other.get()).int32(1).int64(7).run();
        refused("kernel fill_8, block (0, 0, 0): an access to", () -> cuStreamSynchronize(stream));
    }

    @Test
    void aCopyOrAFillThatLeavesItsAllocationIsRefused() {
        ok(cuMemcpyHtoDAsync(device, host.pointer(), BYTES + 1, stream));
        refused("leaves its allocation", () -> cuStreamSynchronize(stream));
        ok(cuMemcpyDtoHAsync(host.pointer(), device.withByteOffset(4), BYTES, stream));
        refused("leaves its allocation", () -> cuStreamSynchronize(stream));
        ok(cuMemsetD32Async(device, 0, N + 1, stream));
        refused("leaves its allocation", () -> cuStreamSynchronize(stream));
    }

    @Test
    void anErrorIsToldOnceAndWhatCameBehindItIsNotDone() {
        fill(1);
        ok(cuMemsetD32Async(device, 0, N + 1, stream));
        fill(2);
        refused("leaves its allocation", () -> cuStreamSynchronize(stream));
        ok(cuStreamSynchronize(stream));
        assertEquals(1, onDevice());
    }

    @Test
    void moreMemoryThanThereIsIsRefused() {
        Address large = new Address();
        assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(large, 3L << 30));
        refused("0 bytes", () -> cuMemAlloc(large, 0));
    }

    @TestFactory
    Stream<DynamicTest> whatIsNotPermittedBreaksACapture() {
        Map<String, IntSupplier> calls = new LinkedHashMap<>();
        calls.put("waiting for the stream", () -> cuStreamSynchronize(stream));
        calls.put("waiting for the device", () -> cuCtxSynchronize());
        calls.put("freeing memory", () -> cuMemFree(device));
        calls.put("a copy from the device", () -> cuMemcpyDtoH(host.pointer(), device, BYTES));
        calls.put("a copy to the device", () -> cuMemcpyHtoD(device, host.pointer(), BYTES));
        calls.put(
                "a copy from memory that is not page-locked",
                () -> cuMemcpyHtoDAsync(device, Pointer.to(new float[N]), BYTES, stream));
        calls.put(
                "a copy to memory that is not page-locked",
                () -> cuMemcpyDtoHAsync(Pointer.to(new float[N]), device, BYTES, stream));
        calls.put("taking memory", () -> cuMemAlloc(new Address(), BYTES));
        calls.put("taking page-locked memory", () -> cuMemHostAlloc(new Pointer(), BYTES, 0));
        calls.put("giving page-locked memory back", () -> cuMemFreeHost(host.pointer()));
        CUmodule module = module(new String(Kernels.ptx("step"), StandardCharsets.US_ASCII));
        calls.put("loading a module", () -> cuModuleLoadData(new CUmodule(), Kernels.ptx("step")));
        calls.put("unloading a module", () -> cuModuleUnload(module));
        calls.put(
                "looking for a kernel",
                () -> cuModuleGetFunction(new CUfunction(), module, "advance"));
        calls.put("the default stream", () -> cuMemsetD32Async(device, 0, N, null));
        return calls.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> breaks(e.getValue())));
    }

    /** Other threads load modules until then, which a capture does not survive. */
    private void beginCapture() {
        ok(cuStreamSynchronize(stream));
        gpu.kernels().await();
        ok(cuStreamBeginCapture(stream, RELAXED));
    }

    private void breaks(IntSupplier call) {
        fill(1);
        beginCapture();
        fill(2);
        int status = call.getAsInt();
        int ended = cuStreamEndCapture(stream, new CUgraph());
        assertTrue(
                status == CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
                        || status == CUresult.CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                () -> "status " + status);
        assertEquals(CAPTURE_INVALIDATED, ended);
        assertEquals(1, onDevice());
    }

    @Test
    void aCaptureRunsNothingAndItsGraphRunsWhenItIsLaunched() {
        fill(1);
        beginCapture();
        fill(2);
        CUgraph graph = new CUgraph();
        ok(cuStreamEndCapture(stream, graph));
        assertEquals(1, onDevice());
        CUgraphExec executable = new CUgraphExec();
        ok(cuGraphInstantiate(executable, graph, 0));
        ok(cuGraphLaunch(executable, stream));
        assertEquals(2, onDevice());
        fill(3);
        ok(cuGraphLaunch(executable, stream));
        assertEquals(2, onDevice());
        ok(cuGraphExecDestroy(executable));
    }

    @Test
    void launchesThatNoGpuTakesAreRefused() {
        refused("out of range", () -> launch(1, 1, 1, 1025, 1, 0));
        refused("out of range", () -> launch(1, 1, 1, 33, 32, 0));
        refused("out of range", () -> launch(0, 1, 1, 32, 1, 0));
        refused("out of range", () -> launch(1, 65_536, 1, 32, 1, 0));
        refused("out of range", () -> launch(1, 1, 65_536, 32, 1, 0));
        refused("out of range", () -> launch(1, 1, 1, 0, 1, 0));
        ok(launch(1, 1, 1, 32, 32, 48 * 1024));
        ok(cuStreamSynchronize(stream));
    }

    @Test
    void muchSharedMemoryHasToBeAllowedFirst() {
        int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        CUfunction fill = gpu.kernels().get(Kernel.FILL_8);
        int much = 99 * 1024;
        refused("than it was allowed", () -> launch(1, 1, 1, 32, 1, 48 * 1024 + 1));
        refused("than the device has", () -> cuFuncSetAttribute(fill, attribute, much + 1));
        ok(cuFuncSetAttribute(fill, attribute, much));
        ok(launch(1, 1, 1, 32, 1, much));
        refused("than it was allowed", () -> launch(1, 1, 1, 32, 1, much + 1));
        ok(cuFuncSetAttribute(fill, attribute, 48 * 1024));
        ok(cuStreamSynchronize(stream));
    }

    /** A launch of the kernel that fills two longs of {@link #device} with a number. */
    private int launch(int gridX, int gridY, int gridZ, int blockX, int blockY, int shared) {
        try (HostMemory memory = new HostMemory(256)) {
            long at = memory.address();
            memory.bytes().putLong(at + 32).putLong(at + 48).putLong(at + 64);
            memory.bytes().putLong(32, device.get()).putInt(48, 2).putLong(64, 5);
            return cuLaunchKernel(
                    gpu.kernels().get(Kernel.FILL_8),
                    gridX,
                    gridY,
                    gridZ,
                    blockX,
                    blockY,
                    1,
                    shared,
                    stream,
                    new Raw(at),
                    null);
        }
    }

    @Test
    void aKernelWhosePtxHasOtherParametersIsRefused() {
        String ptx = new String(Kernels.ptx("step"), StandardCharsets.US_ASCII);
        CUfunction function = new CUfunction();
        CUmodule right = module(ptx);
        ok(cuModuleGetFunction(function, right, "advance"));
        refused("no kernel nothing", () -> cuModuleGetFunction(function, right, "nothing"));
        CUmodule wide = module(ptx.replaceFirst("\\.param \\.u32", ".param .u64"));
        refused(
                "parameter 1 of advance has 8 bytes in the PTX, 4 in the source",
                () -> cuModuleGetFunction(function, wide, "advance"));
        CUmodule few = module(ptx.replaceFirst(",\\s*\\.param \\.u32 \\w+", ""));
        refused(
                "the PTX of advance has 1 parameters, its source 2",
                () -> cuModuleGetFunction(function, few, "advance"));
        CUmodule other = module(new String(Kernels.ptx("pool"), StandardCharsets.US_ASCII));
        refused(
                "the module has no kernel advance",
                () -> cuModuleGetFunction(function, other, "advance"));
        byte[] rubbish = {'x', 0};
        refused("not PTX text", () -> cuModuleLoadData(new CUmodule(), rubbish));
    }

    private static CUmodule module(String ptx) {
        CUmodule module = new CUmodule();
        ok(cuModuleLoadData(module, ptx.getBytes(StandardCharsets.US_ASCII)));
        return module;
    }

    @Test
    void aThreadWithoutAContextIsRefused() {
        int status =
                CompletableFuture.supplyAsync(
                                () -> cuMemAlloc(new Address(), BYTES), r -> new Thread(r).start())
                        .join();
        assertEquals(CUresult.CUDA_ERROR_INVALID_CONTEXT, status);
    }

    /** The driver's handlers come before those that the virtual machine finds nulls with. */
    @Test
    void theVirtualMachineStillGetsItsOwnSignals() {
        gpu.launch(Kernel.FILL_8).int64(16).int32(1).int64(7).run();
        refused("where no memory is", () -> cuStreamSynchronize(stream));
        int[] some = new int[3];
        int lengths = 0;
        for (int i = 0; i < 100_000; i++) {
            lengths += length(some);
        }
        assertEquals(300_000, lengths);
        for (int i = 0; i < 10; i++) {
            assertThrows(NullPointerException.class, () -> length(null));
        }
    }

    private static int length(int @Nullable [] array) {
        return array.length;
    }

    private static void refused(String why, IntSupplier call) {
        int status = call.getAsInt();
        assertTrue(status != CUresult.CUDA_SUCCESS, why);
        String message = Driver.failure(status, "a call").getMessage();
        assertTrue(message.contains(why), message);
    }
}
