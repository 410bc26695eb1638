package io.github.cortado;

import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.HookList;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Readers;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What operations, the tape and optimizers ask of a {@link Tensor}, and programs that use tensors
 * have no need for.
 */
public final class Internals {
    private Internals() {}

    /** As {@link Tensor#zeros}, with any values: for operations that write every element. */
    public static Tensor empty(Device device, DType dtype, Shape shape) {
        Tensor.checkComputes(device, dtype);
        return new Tensor(device, shape, device.backend().empty(dtype, shape.size()));
    }

    // Values that wait

    /** A tensor whose values are computed when they are asked for. */
    public static Tensor tensor(Pending pending) {
        return new Tensor(pending);
    }

    /** How the values of x will be computed; null if they are there. */
    public static @Nullable Pending pending(Tensor x) {
        return x.pending();
    }

    /** Adds the memory that the values of x are in, or will be computed from. */
    public static void addMemory(Tensor x, Set<Object> all) {
        Pending open = x.pending();
        if (open != null) {
            open.addMemory(all);
        } else {
            all.add(x.here().memory());
        }
    }

    /** Who will read the values of x, which are there. */
    public static Readers readers(Tensor x) {
        return x.here().readers();
    }

    /** How often the values of x have been overwritten; see {@link Buffer#version}. */
    public static int version(Tensor x) {
        return x.pending() != null ? 0 : x.here().version();
    }

    /** Whether the memory of x was given back. */
    public static boolean isReleased(Tensor x) {
        return x.pending() == null && x.here().released() != null;
    }

    /**
     * The memory of x, to be overwritten in place: what reads the present values has been computed.
     *
     * @throws IllegalStateException if that would not be seen where it should be: x is the result
     *     of a recorded operation, or a copy where a view may be expected
     */
    public static Buffer overwritten(String op, Tensor x) {
        return x.overwritten(op);
    }

    // The tape

    /** The operation that made x, if gradients flow through it. */
    public static @Nullable Node node(Tensor x) {
        return x.node;
    }

    /** Notes the operation that made y; called by {@link Node#record}. */
    public static void recordedBy(Tensor y, Node maker) {
        y.node = maker;
    }

    /** The gradient of a tensor of one element by itself. */
    public static Tensor one(Tensor x) {
        return new Tensor(x.device(), x.shape(), x.device().one(x.dtype()));
    }

    /** What is called with the gradient of the leaf x; null if nothing ever was. */
    public static @Nullable HookList<Function<Tensor, @Nullable Tensor>> hooks(Tensor x) {
        return x.hooks;
    }

    // Memory of gradients

    /**
     * Memory for a gradient of x, with any values, for operations to write: the storage that an
     * optimizer has for it, where that is free. It is lent once, for a tensor may have more than
     * one part in an operation.
     */
    public static Tensor newGrad(Tensor x) {
        Tensor storage = freeStorage(x);
        if (storage == null) {
            return x.empty(x.shape());
        }
        x.gradStorageLent = true;
        storage.buffer().written();
        return storage;
    }

    /**
     * The storage that an optimizer has for a gradient of x; null if there is none, or in use, or
     * what is computed is nobody's {@link Tensor#grad()}.
     */
    public static @Nullable Tensor freeStorage(Tensor x) {
        Buffer storage = x.gradStorage;
        return storage == null || x.grad != null || x.gradStorageLent || Autograd.isAside()
                ? null
                : new Tensor(x.device(), x.shape(), storage);
    }

    /** Whether gradients of x belong in storage, and {@code gradient} is not there. */
    public static boolean isMisplaced(Tensor x, Tensor gradient) {
        Buffer storage = x.gradStorage;
        return storage != null && !gradient.buffer().sharesMemoryWith(storage);
    }

    /**
     * Moves the values of the leaf x, which is all of its memory, to other memory on the same
     * device, of the same length and dtype, and has its gradients written to {@code gradients}: how
     * optimizers put all parameters side by side. Whatever shares its memory goes along.
     */
    public static void moveInto(Tensor x, Buffer memory, Buffer gradients) {
        Buffer before = x.buffer();
        x.device().backend().copy(before, memory);
        before.movedTo(memory, x.device(), false);
        x.buffer = memory;
        x.gradStorage = gradients;
    }
}
