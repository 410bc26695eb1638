package io.github.cortado.backend.cpu;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Memory in Java arrays, as both CPU backends have it. */
public interface HostMemory extends Backend {
    static HostBuffer host(Buffer b) {
        return (HostBuffer) b;
    }

    /** A float32 buffer: an array and where in it the elements begin, as one value. */
    static HostBuffer.Floats floats(Buffer b) {
        return (HostBuffer.Floats) b;
    }

    /** As {@link #floats}, of what may be left out. */
    static HostBuffer.@Nullable Floats floatsOrNull(@Nullable Buffer b) {
        return (HostBuffer.Floats) b;
    }

    /** An int64 buffer, likewise. */
    static HostBuffer.Longs longs(Buffer b) {
        return (HostBuffer.Longs) b;
    }

    /** A uint8 buffer, likewise. */
    static HostBuffer.Bytes bytes(Buffer b) {
        return (HostBuffer.Bytes) b;
    }

    /** As {@link #bytes}, of what may be left out. */
    static HostBuffer.@Nullable Bytes bytesOrNull(@Nullable Buffer b) {
        return (HostBuffer.Bytes) b;
    }

    @Override
    default <T> CompiledStep<T> compile(Supplier<T> step) {
        return new StepMemory<>(step);
    }

    @Override
    default Buffer allocate(DType dtype, int length) {
        Buffer used = used(dtype, length);
        if (used == null) {
            return HostBuffer.allocate(dtype, length);
        }
        fill(used, 0);
        return used;
    }

    @Override
    default Buffer empty(DType dtype, int length) {
        Buffer used = used(dtype, length);
        return used == null ? HostBuffer.allocate(dtype, length) : used;
    }

    private static @Nullable Buffer used(DType dtype, int length) {
        Buffer ofStep = StepMemory.take(dtype, length);
        return ofStep == null ? GradientMemory.take(dtype, length) : ofStep;
    }

    @Override
    default void upload(Object array, Buffer y) {
        host(y).write(array);
    }

    @Override
    default void download(Buffer x, Object array) {
        host(x).read(array);
    }

    @Override
    default void copy(Buffer x, Buffer y) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        Object source = from.array();
        Object target = to.array();
        if (source == target) {
            // Parts may overlap: this is written as if it were read before.
            System.arraycopy(source, from.offset(), target, to.offset(), x.length());
            return;
        }
        Parallel.forRanges(
                x.length(),
                (first, n) ->
                        System.arraycopy(
                                source, from.offset() + first, target, to.offset() + first, n));
    }

    @Override
    default void fill(Buffer y, double value) {
        HostBuffer to = host(y);
        Parallel.forRanges(
                y.length(),
                (first, n) -> {
                    int from = to.offset() + first;
                    fill(to.array(), y.dtype(), from, from + n, value);
                });
    }

    private static void fill(Object array, DType dtype, int from, int end, double value) {
        switch (dtype) {
            case FLOAT32 -> Arrays.fill((float[]) array, from, end, (float) value);
            case FLOAT64 -> Arrays.fill((double[]) array, from, end, value);
            case INT32 -> Arrays.fill((int[]) array, from, end, (int) value);
            case INT64 -> Arrays.fill((long[]) array, from, end, (long) value);
            case UINT8 -> Arrays.fill((byte[]) array, from, end, (byte) (int) value);
            case BOOL -> Arrays.fill((byte[]) array, from, end, (byte) (value != 0 ? 1 : 0));
        }
    }
}
