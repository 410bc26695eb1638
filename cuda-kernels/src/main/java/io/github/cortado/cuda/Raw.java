package io.github.cortado.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/**
 * A pointer to any address. JCuda's own pointers are made from Java arrays and buffers, which cost
 * microseconds at every call; one of these costs nothing.
 */
final class Raw extends Pointer {
    private static final CUdeviceptr NULL = new CUdeviceptr();

    Raw(long address) {
        super(address);
    }

    /** The same for calls that want a device pointer. */
    static CUdeviceptr device(long address) {
        return NULL.withByteOffset(address);
    }
}
