package io.github.cortado.autograd;

import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The results of operations that a thread's last backward pass went through, where the device wants
 * their memory back: they stay readable until the next one, so that a training loop may look at its
 * logits after the step.
 */
final class Outputs {
    private static final ThreadLocal<Outputs> OF_THREAD = ThreadLocal.withInitial(Outputs::new);

    private List<Output> outputs = new ArrayList<>();

    private record Output(String op, Buffer buffer) {}

    static Outputs ofThisThread() {
        return OF_THREAD.get();
    }

    void add(String op, Buffer buffer) {
        outputs.add(new Output(op, buffer));
    }

    /** Releases all but the memories that the pass that begins still reads. */
    void releaseExcept(Set<Object> read) {
        List<Output> rest = new ArrayList<>();
        for (Output o : outputs) {
            if (read.contains(o.buffer.memory())) {
                rest.add(o);
            } else {
                o.buffer.release(
                        "it was made by "
                                + o.op
                                + " and released by the second backward() after that;"
                                + " call keep() on it before");
            }
        }
        outputs = rest;
    }

    /** Leaves them to the garbage collector. */
    void forget() {
        outputs = new ArrayList<>();
    }
}
