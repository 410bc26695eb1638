package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;

/** A run of elements in a GPU's memory. */
final class CudaBuffer extends Buffer {
    private final Gpu gpu;
    private final DeviceMemory.Allocation allocation;
    private final long offset;

    CudaBuffer(Gpu gpu, DeviceMemory.Allocation allocation, DType dtype, int length) {
        super(dtype, length);
        this.gpu = gpu;
        this.allocation = allocation;
        this.offset = 0;
    }

    private CudaBuffer(CudaBuffer whole, int offset, int length) {
        super(whole, offset, length);
        this.gpu = whole.gpu;
        this.allocation = whole.allocation;
        this.offset = whole.offset + (long) offset * whole.dtype().bytes();
    }

    @Override
    public CudaBuffer slice(int offset, int length) {
        return new CudaBuffer(this, offset, length);
    }

    /**
     * Where the first element is.
     *
     * @throws IllegalStateException if the memory was given back
     */
    long address() {
        String why = released() != null ? released() : allocation.gone();
        if (why != null) {
            throw gone(why);
        }
        Recording recording = gpu.recording();
        if (recording != null) {
            recording.uses(this);
        }
        return allocation.address() + offset;
    }

    DeviceMemory.Allocation allocation() {
        return allocation;
    }

    long bytes() {
        return (long) length() * dtype().bytes();
    }

    @Override
    public boolean isManaged() {
        return true;
    }

    @Override
    protected void free() {
        gpu.free(allocation);
    }
}
