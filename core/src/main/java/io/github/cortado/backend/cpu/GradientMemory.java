package io.github.cortado.backend.cpu;

import io.github.cortado.DType;
import io.github.cortado.Scope;
import java.lang.ref.SoftReference;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Arrays for what a backward pass alone sees: gradients on their way, and what operations make for
 * them. The pass gives each back as soon as nothing reads it any more, and the next gradient of
 * that length is written to where the caches still have it; Java would take it from where no cache
 * has it, and zero it before.
 *
 * <p>Each thread has its own, held softly. What {@link #IDLE_PASSES} of its passes had no use for
 * is left to the garbage collector, and so is what somebody may still look at: gradients of leaves,
 * and all that operations see which are not this library's.
 */
final class GradientMemory implements HostBuffer.Lender {
    /** Steps of a few passes each, or of a few shapes in turn, find their arrays again. */
    static final int IDLE_PASSES = 4;

    private static final ThreadLocal<SoftReference<GradientMemory>> OF_THREAD =
            ThreadLocal.withInitial(() -> new SoftReference<>(null));

    private final Map<Size, ArrayDeque<Idle>> free = new HashMap<>();
    private long pass;
    private long passes;

    private record Size(DType dtype, int length) {}

    /** An array that is free since then. */
    private record Idle(Object array, long since) {}

    /**
     * A buffer with any values for the backward pass that this thread is in; null where it is in
     * none, or others see what is made.
     */
    static @Nullable HostBuffer take(DType dtype, int length) {
        Scope scope = Scope.current();
        return scope == null || scope.pass() == 0
                ? null
                : ofThisThread().takeBuffer(dtype, length, scope);
    }

    private static GradientMemory ofThisThread() {
        GradientMemory memory = OF_THREAD.get().get();
        if (memory == null) {
            memory = new GradientMemory();
            OF_THREAD.set(new SoftReference<>(memory));
        }
        return memory;
    }

    private HostBuffer takeBuffer(DType dtype, int length, Scope scope) {
        if (pass != scope.pass()) {
            pass = scope.pass();
            passes++;
            free.values().forEach(this::giveUp);
            free.values().removeIf(ArrayDeque::isEmpty);
        }
        ArrayDeque<Idle> sameSize = free.get(new Size(dtype, length));
        Idle last = sameSize == null ? null : sameSize.poll();
        HostBuffer buffer =
                last == null
                        ? HostBuffer.allocate(dtype, length)
                        : HostBuffer.wrap(dtype, last.array);
        buffer.belongsTo(this);
        Scope.track(buffer);
        return buffer;
    }

    /** The last one that came is the first that goes: those at the end had no use. */
    private void giveUp(ArrayDeque<Idle> sameSize) {
        while (!sameSize.isEmpty() && passes - sameSize.peekLast().since > IDLE_PASSES) {
            sameSize.removeLast();
        }
    }

    @Override
    public void give(DType dtype, Object array) {
        free.computeIfAbsent(new Size(dtype, Array.getLength(array)), s -> new ArrayDeque<>())
                .push(new Idle(array, passes));
    }
}
