package io.github.cortado.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import io.github.cortado.DType;
import io.github.cortado.Scope;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.StepValue;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;

/**
 * One GPU: its primary context, the one stream on which everything happens in the order in which it
 * was asked for, its memory and its kernels. One Java thread at a time has a turn; while one
 * records a step, the others wait.
 */
final class Gpu {
    private static final int NON_BLOCKING = 1;
    private static final int ARRIVALS = 1 << 16;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final Properties properties;
    private final ReentrantLock lock = new ReentrantLock();
    private final Turn turn = new Turn();
    private final ThreadLocal<Boolean> current = ThreadLocal.withInitial(() -> false);
    private final ThreadLocal<Launch> launch =
            ThreadLocal.withInitial(() -> apart(() -> new Launch(this)));
    private final DeviceMemory memory;
    private final Kernels kernels;
    private final Staging staging;
    private final Errors errors;
    private final CudaBuffer arrived;
    private @Nullable Recording recording;

    /**
     * What a GPU is.
     *
     * @param capability compute capability, ten times the major number and the minor one
     * @param driver version that the driver's API has, such as 13000 for CUDA 13.0
     * @param sharedMemory bytes of shared memory that a block may ask for
     */
    record Properties(
            String name,
            int capability,
            int multiprocessors,
            long memory,
            int sharedMemory,
            int driver) {}

    /** A turn at the GPU, ended by closing it. */
    final class Turn implements AutoCloseable {
        @Override
        public void close() {
            lock.unlock();
        }
    }

    /**
     * Opens the GPU of that number.
     *
     * @throws CudaException if the driver refuses
     */
    Gpu(int ordinal) {
        Driver.check(cuInit(0), "starting the CUDA driver");
        int[] count = new int[1];
        Driver.check(cuDeviceGetCount(count), "counting GPUs");
        if (ordinal < 0 || ordinal >= count[0]) {
            throw new CudaException(
                    "GPU " + ordinal + " does not exist: the driver has " + count[0], 0);
        }
        Driver.check(cuDeviceGet(device, ordinal), "opening GPU " + ordinal);
        properties = properties(device);
        Driver.check(cuDevicePrimaryCtxRetain(context, device), "opening a context on the GPU");
        memory = new DeviceMemory(properties.memory);
        kernels = new Kernels(this, new Modules(context, properties.capability));
        try (Turn t = turn()) {
            Driver.check(cuStreamCreate(stream, NON_BLOCKING), "making a stream");
            staging = new Staging(this);
            errors = new Errors(this);
            arrived = zeros(DType.INT32, ARRIVALS);
            // The GPU may have been opened inside of somebody's scope.
            arrived.keep();
        }
    }

    private static Properties properties(CUdevice device) {
        byte[] name = new byte[256];
        Driver.check(cuDeviceGetName(name, name.length, device), "asking for the GPU's name");
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        long[] bytes = new long[1];
        Driver.check(cuDeviceTotalMem(bytes, device), "asking for the GPU's memory");
        int[] version = new int[1];
        Driver.check(cuDriverGetVersion(version), "asking for the driver's version");
        return new Properties(
                new String(name, 0, end, StandardCharsets.UTF_8),
                10 * Driver.attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                        + Driver.attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                Driver.attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                bytes[0],
                Driver.attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                version[0]);
    }

    Properties properties() {
        return properties;
    }

    CUstream stream() {
        return stream;
    }

    Kernels kernels() {
        return kernels;
    }

    Staging staging() {
        return staging;
    }

    Errors errors() {
        return errors;
    }

    DeviceMemory memory() {
        return memory;
    }

    /** Waits for this thread's turn, with the GPU's context as the thread's own. */
    Turn turn() {
        lock.lock();
        if (!current.get()) {
            try {
                Driver.check(cuCtxSetCurrent(context), "making the context current");
                current.set(true);
            } catch (RuntimeException | Error e) {
                lock.unlock();
                throw e;
            }
        }
        return turn;
    }

    /** Waits until everything asked for has been done, and says what went wrong in it. */
    void synchronize() {
        try (Turn t = turn()) {
            notWhileRecording("waiting for the GPU");
            errors.fetch();
            Driver.check(cuStreamSynchronize(stream), "waiting for the GPU");
            errors.check();
        }
    }

    /** Nanoseconds on the GPU's clock from the beginning to the end of what is asked of it. */
    long nanoseconds(Runnable work) {
        try (Turn t = turn()) {
            notWhileRecording("measuring time");
            CUevent begin = new CUevent();
            CUevent end = new CUevent();
            Driver.check(cuEventCreate(begin, 0), "making an event");
            Driver.check(cuEventCreate(end, 0), "making an event");
            try {
                Driver.check(cuEventRecord(begin, stream), "noting the time");
                work.run();
                Driver.check(cuEventRecord(end, stream), "noting the time");
                synchronize();
                float[] milliseconds = new float[1];
                Driver.check(cuEventElapsedTime(milliseconds, begin, end), "reading the time");
                return Math.max(1, Math.round(milliseconds[0] * 1e6));
            } finally {
                cuEventDestroy(begin);
                cuEventDestroy(end);
            }
        }
    }

    // Memory

    /** Memory with any values. */
    CudaBuffer empty(DType dtype, int length) {
        try (Turn t = turn()) {
            CudaBuffer buffer =
                    new CudaBuffer(
                            this, memory.allocate((long) length * dtype.bytes()), dtype, length);
            Scope.track(buffer);
            if (recording != null) {
                recording.allocated(buffer);
            }
            return buffer;
        }
    }

    /** Memory with zeros. */
    CudaBuffer zeros(DType dtype, int length) {
        CudaBuffer buffer = empty(dtype, length);
        zero(buffer);
        return buffer;
    }

    void zero(CudaBuffer buffer) {
        if (buffer.length() > 0) {
            try (Turn t = turn()) {
                Driver.check(
                        cuMemsetD8Async(
                                Raw.device(buffer.address()), (byte) 0, buffer.bytes(), stream),
                        "filling with zeros");
            }
        }
    }

    /** Bytes that the driver could still give. */
    long freeMemory() {
        try (Turn t = turn()) {
            return memory.free();
        }
    }

    void free(DeviceMemory.Allocation allocation) {
        try (Turn t = turn()) {
            allocation.free();
        }
    }

    /** Counters for blocks that meet, all zero between kernels. */
    CudaBuffer arrived() {
        return arrived;
    }

    // Kernels

    /** A kernel with a thread for each of n things, or a grid that goes round. */
    Launch launch(Kernel kernel, long n) {
        return launch(kernel).grid(blocks((n + Launch.BLOCK - 1) / Launch.BLOCK));
    }

    /** Blocks for so many pieces of work: no more than keep the GPU busy, its kernels go round. */
    int blocks(long pieces) {
        return (int) Math.max(1, Math.min(pieces, 16L * properties.multiprocessors));
    }

    /** A kernel, in blocks of {@link Launch#BLOCK} threads until told otherwise. */
    Launch launch(Kernel kernel) {
        return launch.get().begin(kernel);
    }

    // Recording a step

    @Nullable Recording recording() {
        return recording;
    }

    /** Notes that a step is being recorded, or no longer. */
    void recording(@Nullable Recording now) {
        recording = now;
    }

    /**
     * Does what no capture survives, such as taking memory or loading a kernel; while a step is
     * being recorded, between two of its graphs.
     */
    <R> R apart(Supplier<R> work) {
        try (Turn t = turn()) {
            Recording r = recording;
            return r == null ? work.get() : r.capture().apart(work);
        }
    }

    /**
     * Passes unless a step is being recorded, in which nothing can be waited for.
     *
     * @throws IllegalStateException naming the line of the step
     */
    void notWhileRecording(String what) {
        if (recording != null) {
            throw Recording.notHere(what);
        }
    }

    /** Where kernels of a recorded step find the value; 0 outside of recordings. */
    long slot(StepValue value) {
        return recording == null || value.source() == null ? 0 : recording.slot(value);
    }

    /** Address of a buffer, 0 for none. */
    static long address(@Nullable Buffer buffer) {
        return buffer == null ? 0 : ((CudaBuffer) buffer).address();
    }
}
