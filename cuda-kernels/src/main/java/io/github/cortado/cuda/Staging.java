package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUevent;

/**
 * Copies between Java arrays and the GPU, by way of page-locked memory: the array is free as soon
 * as an upload returns, while the copy itself goes on behind it. Two pieces take turns, so that one
 * is filled while the other is copied.
 */
final class Staging {
    /** Event without a time, which costs less. */
    private static final int NO_TIMING = 2;

    private static final int BYTES = 4 << 20;

    private final Gpu gpu;
    private final HostMemory[] pieces = {new HostMemory(BYTES), new HostMemory(BYTES)};
    private final CUevent[] copied = {new CUevent(), new CUevent()};
    private int next;

    Staging(Gpu gpu) {
        this.gpu = gpu;
        for (CUevent event : copied) {
            Driver.check(cuEventCreate(event, NO_TIMING), "making an event");
        }
    }

    /** Copies an array to the GPU. */
    void upload(Object array, CudaBuffer to) {
        if (to.length() == 0) {
            return;
        }
        try (Gpu.Turn t = gpu.turn()) {
            gpu.notWhileRecording("taking values from a Java array");
            int size = to.dtype().bytes();
            int n = Array.getLength(array);
            assert n == to.length() : n + " != " + to.length();
            for (int from = 0; from < n; from += BYTES / size) {
                int length = Math.min(BYTES / size, n - from);
                int piece = next;
                next = 1 - next;
                Driver.check(cuEventSynchronize(copied[piece]), "waiting for a copy");
                put(array, from, length, bytes(piece));
                Driver.check(
                        cuMemcpyHtoDAsync(
                                Raw.device(to.address() + (long) from * size),
                                pieces[piece].pointer(),
                                (long) length * size,
                                gpu.stream()),
                        "copying to the GPU");
                Driver.check(cuEventRecord(copied[piece], gpu.stream()), "noting a copy");
            }
        }
    }

    /** Waits for everything asked before, and copies a buffer into an array. */
    void download(CudaBuffer from, Object array) {
        try (Gpu.Turn t = gpu.turn()) {
            gpu.notWhileRecording("reading values");
            int size = from.dtype().bytes();
            int n = from.length();
            assert n == Array.getLength(array) : n + " != " + Array.getLength(array);
            Driver.check(cuEventSynchronize(copied[0]), "waiting for a copy");
            gpu.errors().fetch();
            for (int at = 0; at < Math.max(n, 1); at += BYTES / size) {
                int length = Math.min(BYTES / size, n - at);
                if (length > 0) {
                    Driver.check(
                            cuMemcpyDtoHAsync(
                                    pieces[0].pointer(),
                                    Raw.device(from.address() + (long) at * size),
                                    (long) length * size,
                                    gpu.stream()),
                            "copying from the GPU");
                }
                Driver.check(cuStreamSynchronize(gpu.stream()), "waiting for the GPU");
                gpu.errors().check();
                get(bytes(0), array, at, length);
            }
        }
    }

    private ByteBuffer bytes(int piece) {
        return pieces[piece].bytes().clear().order(ByteOrder.nativeOrder());
    }

    private static void put(Object array, int from, int n, ByteBuffer to) {
        if (array instanceof float[] v) {
            to.asFloatBuffer().put(v, from, n);
        } else if (array instanceof long[] v) {
            to.asLongBuffer().put(v, from, n);
        } else if (array instanceof int[] v) {
            to.asIntBuffer().put(v, from, n);
        } else if (array instanceof byte[] v) {
            to.put(v, from, n);
        } else {
            to.asDoubleBuffer().put((double[]) array, from, n);
        }
    }

    private static void get(ByteBuffer from, Object array, int at, int n) {
        if (array instanceof float[] v) {
            from.asFloatBuffer().get(v, at, n);
        } else if (array instanceof long[] v) {
            from.asLongBuffer().get(v, at, n);
        } else if (array instanceof int[] v) {
            from.asIntBuffer().get(v, at, n);
        } else if (array instanceof byte[] v) {
            from.get(v, at, n);
        } else {
            from.asDoubleBuffer().get((double[]) array, at, n);
        }
    }
}
