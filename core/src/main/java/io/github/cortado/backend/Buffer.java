package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.Device;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A contiguous run of elements in some device's memory. Made by {@link Backend#allocate}; a slice
 * shares the memory of the buffer that it was cut from.
 */
public abstract class Buffer {
    private final DType dtype;
    private final int length;
    private int start;
    private Memory memory;

    /** What all views of one piece of memory have in common. */
    private static final class Memory {
        static final AtomicIntegerFieldUpdater<Memory> WRITES =
                AtomicIntegerFieldUpdater.newUpdater(Memory.class, "writes");

        final Buffer whole;
        volatile int writes;
        boolean kept;
        boolean part;
        @Nullable String copiedBy;
        volatile @Nullable String released;
        @Nullable Moved moved;
        volatile @Nullable Derived derived;
        @Nullable Readers readers;

        Memory(Buffer whole) {
            this.whole = whole;
        }

        /** Seen by whoever sees what is written next. */
        void write() {
            WRITES.incrementAndGet(this);
            VarHandle.fullFence();
        }
    }

    /** Where memory is that was somewhere else before: all of it, and on which device. */
    private record Moved(Buffer to, Device device) {}

    /** A buffer with memory of its own. */
    protected Buffer(DType dtype, int length) {
        this.dtype = dtype;
        this.length = length;
        this.memory = new Memory(this);
    }

    /** A slice of {@code from}, from its element {@code offset} on. */
    protected Buffer(Buffer from, int offset, int length) {
        this.dtype = from.dtype;
        this.length = length;
        this.start = from.start + offset;
        this.memory = from.memory;
    }

    /** Type of the elements. */
    public final DType dtype() {
        return dtype;
    }

    /** Number of elements. */
    public final int length() {
        return length;
    }

    /**
     * The Java array that the memory of a device on the CPU is; null where memory is no Java array.
     * A buffer's first element is the array's first where the buffer is as it was allocated, and is
     * no slice and no part of another.
     */
    public @Nullable Object array() {
        return null;
    }

    /** A view of {@code length} elements from {@code offset}; both are trusted. */
    public abstract Buffer slice(int offset, int length);

    /**
     * A slice that counts as memory of its own, since nothing else looks at these elements: a
     * parameter's share of flat storage. It is kept.
     */
    public final Buffer part(int offset, int length) {
        Buffer part = slice(offset, length);
        part.start = 0;
        part.memory = new Memory(part);
        part.memory.kept = true;
        part.memory.part = true;
        return part;
    }

    /** Whether this memory is a {@link #part} of a larger one. */
    public final boolean isPart() {
        return memory.part;
    }

    /**
     * Notes that these are copies of another tensor's elements that {@code op} returned, where who
     * writes to them may think that they are that tensor's own.
     */
    public final void copiedBy(String op) {
        memory.copiedBy = op;
    }

    /** The operation of {@link #copiedBy(String)}; null if there was none. */
    public final @Nullable String copiedBy() {
        return memory.copiedBy;
    }

    // Memory that moves takes its views along.

    /** All of the memory that this is a view of. */
    public final Buffer whole() {
        return memory.whole;
    }

    /** Whether this is all of its memory. */
    public final boolean isWhole() {
        return start == 0 && length == memory.whole.length;
    }

    /**
     * Notes that the values of all of this memory are now in another, on that device: whoever looks
     * at this one next goes on there. A graph that was recorded before stays good for as long as
     * nothing but the place has changed.
     */
    public final void movedTo(Buffer to, Device device, boolean converted) {
        assert isWhole() && to.isWhole() : "only whole memory moves";
        to.memory.writes = memory.writes + (converted ? 1 : 0);
        memory.moved = new Moved(to, device);
        memory.derived = null;
    }

    /** Whether these values are somewhere else now; see {@link #now} and {@link #deviceNow}. */
    public final boolean isMoved() {
        return memory.moved != null;
    }

    /** The view of the same elements where they are now; this one if they have not moved. */
    public final Buffer now() {
        Buffer b = this;
        while (b.memory.moved != null) {
            Buffer to = b.memory.moved.to;
            b = b.isWhole() ? to : to.slice(b.start, b.length);
        }
        return b;
    }

    /** The device that they are on, of a buffer that was on {@code before}. */
    public final Device deviceNow(Device before) {
        Device device = before;
        for (Memory m = memory; m.moved != null; m = m.moved.to.memory) {
            device = m.moved.device;
        }
        return device;
    }

    /**
     * Grows with every write in place to this memory after its first use: when one begins and when
     * it has ended. What was computed while it stayed the same was computed from one state.
     */
    public final int version() {
        return memory.writes;
    }

    /**
     * Writes in place: an update of parameters, a copy into an existing tensor.
     *
     * @param all what {@code code} writes to
     */
    public static void overwriting(Collection<Buffer> all, Runnable code) {
        all.forEach(b -> b.memory.write());
        try {
            code.run();
        } finally {
            all.forEach(Buffer::written);
        }
    }

    /** Notes that this was written to in place, or is about to be, where nobody reads it. */
    public final void written() {
        memory.write();
        StepRecording recording = StepRecording.current();
        if (recording != null) {
            recording.written(this);
        }
    }

    /**
     * Says whether what is made of these values is kept until they change: where nobody trains
     * them, for it takes as much memory again.
     */
    public final void keepsDerived(boolean keeps) {
        if (keeps != (memory.derived != null)) {
            memory.derived = keeps ? new Derived() : null;
        }
    }

    /** What was made of these values; null where it is not kept, and for a part of the memory. */
    public final @Nullable Derived derived() {
        return isWhole() ? memory.derived : null;
    }

    /** Whether both are views of the same memory. */
    public final boolean sharesMemoryWith(Buffer other) {
        return memory == other.memory;
    }

    /** An identity of the memory: the same object for all of its views. */
    public final Object memory() {
        return memory;
    }

    /** Who will read these values, or some of the same memory. */
    public final Readers readers() {
        synchronized (memory) {
            Readers readers = memory.readers;
            if (readers == null) {
                readers = new Readers();
                memory.readers = readers;
            }
            return readers;
        }
    }

    // Giving memory back. On the heap the garbage collector does it, but for arrays that are lent.

    /** Whether the device wants this memory back sooner than the garbage collector notices. */
    public boolean isManaged() {
        return false;
    }

    /** Exempts this memory from {@link #release}. */
    public final void keep() {
        memory.kept = true;
    }

    /**
     * Notes that others than our operations may have this from now on: what would be used again
     * since nobody could see it is kept then.
     */
    public void shown() {}

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
                        Locale.ROOT,
                        "the memory of this %s tensor of %d elements is gone: %s",
                        dtype,
                        length,
                        why));
    }

    /** Gives managed memory back to the device; called once. */
    protected void free() {}
}
