package io.github.cortado.autograd;

import io.github.cortado.Scope;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gradients on their way through a graph. Where the device wants memory back, each is released
 * as soon as the last node that needs it has been served, and so is what was made on the way.
 */
final class GradientFlow {
    private static final String WHY = "it was an intermediate gradient";

    private final IdentityHashMap<Node, Tensor> waiting = new IdentityHashMap<>();
    private final IdentityHashMap<Object, Integer> waitingMemory = new IdentityHashMap<>();
    private final Set<Object> made = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Adds {@code dy} to what has come to {@code node} so far. */
    void add(Node node, Tensor dy) {
        Tensor present = waiting.get(node);
        // The sum is a new tensor: either term may be shared with another branch.
        Tensor gradient = present == null ? dy : present.add(dy);
        waiting.put(node, gradient);
        arrive(gradient.buffer());
        if (present != null) {
            leave(present.buffer());
            releaseIfDone(present.buffer(), WHY);
        }
    }

    /** The gradient that came to {@code node}, if one did. */
    @Nullable Tensor take(Node node) {
        Tensor gradient = waiting.remove(node);
        if (gradient != null) {
            leave(gradient.buffer());
        }
        return gradient;
    }

    private void arrive(Buffer buffer) {
        waitingMemory.merge(buffer.memory(), 1, Integer::sum);
    }

    private void leave(Buffer buffer) {
        waitingMemory.computeIfPresent(buffer.memory(), (memory, n) -> n == 1 ? null : n - 1);
    }

    private void releaseIfDone(Buffer buffer, String why) {
        if (!waitingMemory.containsKey(buffer.memory()) && made.remove(buffer.memory())) {
            buffer.release(why);
        }
    }

    /** Releases memory that belongs to the pass, now or after it has been a gradient. */
    void release(Buffer buffer, String why) {
        if (waitingMemory.containsKey(buffer.memory())) {
            made.add(buffer.memory());
        } else {
            buffer.release(why);
        }
    }

    /** The work of one node, with {@code dy} as the gradient that came to it. */
    Sending sending(String op, Tensor dy) {
        return new Sending(op, dy);
    }

    /** When closed, releases what the node's work has left behind, and dy itself. */
    final class Sending implements AutoCloseable {
        private final String why;
        private final Buffer dy;
        private final Scope scope = Scope.open();

        Sending(String op, Tensor dy) {
            this.why = WHY + ", made or used by " + op;
            this.dy = dy.buffer();
            arrive(this.dy);
        }

        @Override
        public void close() {
            leave(dy);
            scope.close(
                    b -> {
                        boolean needed = waitingMemory.containsKey(b.memory());
                        if (needed) {
                            made.add(b.memory());
                        }
                        return !needed;
                    },
                    why);
            releaseIfDone(dy, why);
        }
    }
}
