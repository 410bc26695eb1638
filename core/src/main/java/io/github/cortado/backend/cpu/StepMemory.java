package io.github.cortado.backend.cpu;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A step that runs as it is written, in the same arrays every time: a step of LeNet with 100
 * pictures fills 8 MB, which Java would take from where no cache has it, and zero before.
 *
 * <p>The first runs make what lasts (state of optimizers, say) and are left alone. From then on
 * what a run allocates belongs to the step: intermediate gradients go back at once, the rest when
 * the next run begins, unless it was kept. Who uses a tensor after that is told so.
 */
final class StepMemory<T> implements CompiledStep<T> {
    private static final int WARM_UP = 2;
    private static final ThreadLocal<@Nullable StepMemory<?>> CURRENT = new ThreadLocal<>();

    private final Supplier<T> code;
    private final Map<DType, Map<Integer, ArrayDeque<Object>>> free = new HashMap<>();
    private List<HostBuffer> used = new ArrayList<>();
    private long bytes;
    private int runs;
    private boolean closed;

    StepMemory(Supplier<T> code) {
        this.code = code;
    }

    /** A buffer of the step that this thread is in, with any values; null outside of steps. */
    static @Nullable HostBuffer take(DType dtype, int length) {
        StepMemory<?> memory = CURRENT.get();
        return memory == null ? null : memory.takeBuffer(dtype, length);
    }

    private HostBuffer takeBuffer(DType dtype, int length) {
        Object array = sameSize(dtype, length).poll();
        HostBuffer buffer;
        if (array == null) {
            buffer = HostBuffer.allocate(dtype, length);
            bytes += (long) length * dtype.bytes();
        } else {
            buffer = HostBuffer.wrap(dtype, array);
        }
        buffer.belongsTo(this);
        used.add(buffer);
        return buffer;
    }

    /** Takes an array back. */
    void give(DType dtype, Object array) {
        sameSize(dtype, Array.getLength(array)).add(array);
    }

    private ArrayDeque<Object> sameSize(DType dtype, int length) {
        return free.computeIfAbsent(dtype, d -> new HashMap<>())
                .computeIfAbsent(length, n -> new ArrayDeque<>());
    }

    @Override
    public T run() {
        if (closed) {
            throw new IllegalStateException("the compiled step was closed");
        }
        if (CURRENT.get() != null) {
            throw new IllegalStateException("a compiled step runs inside of another one");
        }
        if (runs < WARM_UP) {
            runs++;
            return code.get();
        }
        release(
                "it was made in a run of a compiled step, and the next run has begun;"
                        + " call keep() on it before");
        CURRENT.set(this);
        try {
            return code.get();
        } finally {
            CURRENT.remove();
        }
    }

    private void release(String why) {
        List<HostBuffer> all = used;
        used = new ArrayList<>(all.size());
        all.forEach(b -> b.release(why));
    }

    @Override
    public T runEagerly() {
        return code.get();
    }

    @Override
    public String description() {
        return runs < WARM_UP
                ? "runs as it is written"
                : String.format(
                        Locale.ROOT, "runs as it is written, again and again in %,d bytes", bytes);
    }

    @Override
    public void close() {
        closed = true;
        release("its compiled step was closed");
        free.clear();
    }
}
