package io.github.cortado.cuda;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.StepRecording;
import io.github.cortado.backend.StepValue;
import java.lang.StackWalker.StackFrame;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A step while it is being recorded: what it takes from the device, and what it asks of it. */
final class Recording {
    private final StepRecording host;
    private final Slots slots;
    private final Capture capture;
    private final List<DeviceMemory.Allocation> allocations = new ArrayList<>();
    private final Set<Buffer> used = Collections.newSetFromMap(new IdentityHashMap<>());

    Recording(StepRecording host, Slots slots, Capture capture) {
        this.host = host;
        this.slots = slots;
        this.capture = capture;
    }

    Capture capture() {
        return capture;
    }

    /** Where the step's kernels find this reading of a number. */
    long slot(StepValue value) {
        return slots.address(value, host.offset(value));
    }

    void allocated(CudaBuffer buffer) {
        allocations.add(buffer.allocation());
    }

    /** Notes memory whose address goes into the step. */
    void uses(CudaBuffer buffer) {
        used.add(buffer.whole());
    }

    /**
     * Passes if everything is still where it was when the step was recorded.
     *
     * @throws IllegalStateException if another optimizer, say, has taken parameters elsewhere
     */
    void checkInPlace() {
        for (Buffer buffer : used) {
            if (buffer.isMoved()) {
                throw new IllegalStateException(
                        "the memory of a "
                                + buffer.dtype()
                                + " tensor of "
                                + buffer.length()
                                + " elements that this compiled step was recorded with has moved"
                                + " since (a new optimizer, a loaded state, or to() moves"
                                + " parameters): compile the step anew");
            }
        }
    }

    List<DeviceMemory.Allocation> allocations() {
        return allocations;
    }

    /** The exception for what cannot be done while a step is being recorded. */
    static IllegalStateException notHere(String what) {
        return new IllegalStateException(
                what
                        + " is not possible in a step that is being recorded"
                        + userLine().map(line -> " (" + line + ")").orElse("")
                        + ": a replay runs no Java code; do it between the steps");
    }

    /** The innermost line on the stack that is not of this library. */
    private static Optional<String> userLine() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(
                        frames ->
                                frames.filter(f -> !isOurs(f.getDeclaringClass()))
                                        .findFirst()
                                        .map(StackFrame::toStackTraceElement)
                                        .map(Object::toString));
    }

    private static boolean isOurs(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null
                || source.equals(Tensor.class.getProtectionDomain().getCodeSource())
                || source.equals(Recording.class.getProtectionDomain().getCodeSource());
    }
}
