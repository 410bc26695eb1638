package io.github.cortado.backend.cpu;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Scope;
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
 *
 * <p>Arrays are kept by their lengths, so a step that gets a few shapes in turn, such as a smaller
 * last batch, has the arrays of each. One that gets ever new shapes would keep arrays for all of
 * them: after {@link #MAX_SHAPES} that brought new lengths, further lengths are Java's, as without
 * a compiled step, and the log says so once.
 */
final class StepMemory<T> implements CompiledStep<T>, HostBuffer.Lender {
    /** As many as torch.compile takes before it goes on without. */
    static final int MAX_SHAPES = 8;

    private static final int WARM_UP = 2;
    private static final System.Logger LOG = System.getLogger("io.github.cortado");
    private static final ThreadLocal<@Nullable StepMemory<?>> CURRENT = new ThreadLocal<>();

    private final Supplier<T> code;
    private final Map<DType, Map<Integer, ArrayDeque<Object>>> free = new HashMap<>();
    private List<HostBuffer> used = new ArrayList<>();
    private long bytes;
    private int runs;

    /** Runs that brought lengths which none before them had. */
    private int shapes;

    private boolean isNewShape;
    private boolean saidFrozen;
    private boolean closed;

    StepMemory(Supplier<T> code) {
        this.code = code;
    }

    /**
     * A buffer of the step that this thread is in, with any values; null outside of steps, and for
     * a new shape after the last that a step keeps memory for.
     */
    static @Nullable HostBuffer take(DType dtype, int length) {
        StepMemory<?> memory = CURRENT.get();
        return memory == null ? null : memory.takeBuffer(dtype, length);
    }

    private @Nullable HostBuffer takeBuffer(DType dtype, int length) {
        if (!isKnown(dtype, length)) {
            if (!isNewShape && shapes == MAX_SHAPES) {
                sayFrozen(dtype, length);
                return null;
            }
            shapes += isNewShape ? 0 : 1;
            isNewShape = true;
        }
        Object array = sameSize(dtype, length).poll();
        HostBuffer buffer;
        if (array == null) {
            buffer = HostBuffer.allocate(dtype, length);
            bytes += bytes(buffer);
        } else {
            buffer = HostBuffer.wrap(dtype, array);
        }
        buffer.belongsTo(this);
        used.add(buffer);
        Scope.track(buffer);
        return buffer;
    }

    private void sayFrozen(DType dtype, int length) {
        if (saidFrozen) {
            return;
        }
        saidFrozen = true;
        LOG.log(
                System.Logger.Level.WARNING,
                String.format(
                        Locale.ROOT,
                        "A compiled step got its shape number %d, where a %s tensor has %d"
                                + " elements. Shapes are frozen after %d: the new ones run without"
                                + " memory of their own, as runEagerly() does. Batches of a few"
                                + " sizes avoid it.",
                        MAX_SHAPES + 1,
                        dtype,
                        length,
                        MAX_SHAPES));
    }

    private static long bytes(HostBuffer buffer) {
        return (long) buffer.length() * buffer.dtype().bytes();
    }

    @Override
    public void give(DType dtype, Object array) {
        sameSize(dtype, Array.getLength(array)).add(array);
    }

    private boolean isKnown(DType dtype, int length) {
        return free.getOrDefault(dtype, Map.of()).containsKey(length);
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
        isNewShape = false;
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
        for (HostBuffer b : all) {
            if (b.isKept()) {
                // Its array is the tensor's from now on.
                bytes -= bytes(b);
            }
            b.release(why);
        }
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
                        Locale.ROOT,
                        "runs as it is written, again and again in %,d bytes%s",
                        bytes,
                        saidFrozen ? ", new shapes apart" : "");
    }

    @Override
    public void close() {
        closed = true;
        release("its compiled step was closed");
        free.clear();
    }
}
