package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/** Page-locked memory of the host, which copies may go on with while Java does something else. */
final class HostMemory implements AutoCloseable {
    private final Filled pointer = new Filled();
    private final ByteBuffer bytes;

    /** A pointer that the driver fills in, as a number. */
    private static final class Filled extends Pointer {
        long get() {
            return getNativePointer();
        }
    }

    HostMemory(int size) {
        Driver.check(
                cuMemHostAlloc(pointer, size, CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP),
                "taking " + size + " bytes of page-locked memory");
        bytes = pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    long address() {
        return pointer.get();
    }

    ByteBuffer bytes() {
        return bytes;
    }

    Pointer pointer() {
        return pointer;
    }

    @Override
    public void close() {
        cuMemFreeHost(pointer);
    }
}
