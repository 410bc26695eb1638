package io.github.cortado.backend;

import io.github.cortado.DType;

/**
 * A contiguous run of elements in some device's memory. Made by {@link Backend#allocate}; a slice
 * shares the memory of the buffer that it was cut from.
 */
public abstract class Buffer {
    private final DType dtype;
    private final int length;
    private final Version version;

    /** Counts writes in place, so that autograd notices a saved value that has changed. */
    private static final class Version {
        int count;
    }

    /** A buffer with memory of its own. */
    protected Buffer(DType dtype, int length) {
        this(dtype, length, new Version());
    }

    /** A slice of {@code whole}. */
    protected Buffer(Buffer whole, int length) {
        this(whole.dtype, length, whole.version);
    }

    private Buffer(DType dtype, int length, Version version) {
        this.dtype = dtype;
        this.length = length;
        this.version = version;
    }

    /** Type of the elements. */
    public final DType dtype() {
        return dtype;
    }

    /** Number of elements. */
    public final int length() {
        return length;
    }

    /** A view of {@code length} elements from {@code offset}; both are trusted. */
    public abstract Buffer slice(int offset, int length);

    /** How often this memory has been written in place after its first use. */
    public final int version() {
        return version.count;
    }

    /** Notes a write in place: a parameter update or a copy into an existing tensor. */
    public final void written() {
        version.count++;
    }

    /** Whether both are views of the same memory. */
    public final boolean sharesMemoryWith(Buffer other) {
        return version == other.version;
    }
}
