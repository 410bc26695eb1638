package io.github.cortado.backend;

import io.github.cortado.DType;
import org.jspecify.annotations.Nullable;

/**
 * A contiguous run of elements in some device's memory. Made by {@link Backend#allocate}; a slice
 * shares the memory of the buffer that it was cut from.
 */
public abstract class Buffer {
    private final DType dtype;
    private final int length;
    private Memory memory;

    /** What all views of one piece of memory have in common. */
    private static final class Memory {
        int writes;
        boolean kept;
        @Nullable String released;
    }

    /** A buffer with memory of its own. */
    protected Buffer(DType dtype, int length) {
        this(dtype, length, new Memory());
    }

    /** A slice of {@code whole}. */
    protected Buffer(Buffer whole, int length) {
        this(whole.dtype, length, whole.memory);
    }

    private Buffer(DType dtype, int length, Memory memory) {
        this.dtype = dtype;
        this.length = length;
        this.memory = memory;
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

    /**
     * A slice that counts as memory of its own, since nothing else looks at these elements: a
     * parameter's share of flat storage. It is kept.
     */
    public final Buffer part(int offset, int length) {
        Buffer part = slice(offset, length);
        part.memory = new Memory();
        part.memory.kept = true;
        return part;
    }

    /** How often this memory has been written in place after its first use. */
    public final int version() {
        return memory.writes;
    }

    /** Notes a write in place: a parameter update or a copy into an existing tensor. */
    public final void written() {
        memory.writes++;
        StepRecording recording = StepRecording.current();
        if (recording != null) {
            recording.written(this);
        }
    }

    /** Whether both are views of the same memory. */
    public final boolean sharesMemoryWith(Buffer other) {
        return memory == other.memory;
    }

    /** An identity of the memory: the same object for all of its views. */
    public final Object memory() {
        return memory;
    }

    // Giving memory back. On the heap the garbage collector does it, and none of this happens.

    /** Whether the device wants this memory back sooner than the garbage collector notices. */
    public boolean isManaged() {
        return false;
    }

    /** Exempts this memory from {@link #release}. */
    public final void keep() {
        memory.kept = true;
    }

    /** Whether {@link #release} does nothing here. */
    public final boolean isKept() {
        return memory.kept || !isManaged();
    }

    /**
     * Gives the memory back, unless it is kept or on the heap; every later use of it throws, saying
     * {@code why}.
     */
    public final void release(String why) {
        if (!isKept() && memory.released == null) {
            memory.released = why;
            free();
        }
    }

    /** Why the memory was given back; null while it is there. */
    public final @Nullable String released() {
        return memory.released;
    }

    /** What is thrown where this memory is used after it was given back. */
    public final IllegalStateException gone(String why) {
        return new IllegalStateException(
                String.format(
                        "the memory of this %s tensor of %d elements is gone: %s",
                        dtype, length, why));
    }

    /** Gives managed memory back to the device; called once. */
    protected void free() {}
}
