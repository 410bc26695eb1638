package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Scope;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The gradients on their way through a graph. Where the device wants memory back, each is released
 * as soon as the last node that needs it has been served, and so is what was made on the way.
 */
final class GradientFlow {
    private static final String WHY = "it was an intermediate gradient";

    private static final AtomicLong PASSES = new AtomicLong();

    private final long pass = PASSES.incrementAndGet();
    private final IdentityHashMap<Node, Tensor> waiting = new IdentityHashMap<>();
    private final Set<Buffer> made = Collections.newSetFromMap(new IdentityHashMap<>());

    /** What has come to leaves that have to wait for all of it. */
    private final IdentityHashMap<Tensor, Tensor> leaves = new IdentityHashMap<>();

    /** What the node at work was given; null between nodes. */
    private @Nullable Tensor sent;

    /** Nodes whose gradient is in memory that no other has: it may be added to in place. */
    private final Set<Node> own = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Adds {@code dy} to what has come to {@code node} so far. */
    void add(Node node, Tensor dy) {
        Tensor present = waiting.get(node);
        // The sum is a new tensor: either term may be shared with another branch.
        waiting.put(node, present == null ? dy : present.add(dy));
        if (present != null) {
            own.add(node);
        }
    }

    /** Adds what {@code edge} makes of dy, the gradient of a part of what {@code node} made. */
    void addPart(Node node, Tensor dy, Edge edge, Edge.Part part) {
        Tensor present = waiting.get(node);
        if (present != null && own.contains(node)) {
            part.add(dy, present);
        } else {
            add(node, edge.gradient().apply(dy));
            own.add(node);
        }
    }

    /** Adds to what has come to a leaf that waits until the end. */
    void addLeaf(Tensor x, Tensor dx) {
        Tensor present = leaves.get(x);
        leaves.put(x, present == null ? dx : present.add(dx));
    }

    /** All that has come to leaves that wait. */
    Map<Tensor, Tensor> leaves() {
        return leaves;
    }

    /** Releases what the pass still has; nobody needs it any more. */
    void end() {
        leaves.clear();
        made.forEach(b -> b.release(WHY));
        made.clear();
    }

    /** The gradient that came to {@code node}, if one did. */
    @Nullable Tensor take(Node node) {
        own.remove(node);
        return waiting.remove(node);
    }

    /** All memory that gradients wait in, or will be computed from; few wait at a time. */
    private Set<Object> needed() {
        Set<Object> memory = Collections.newSetFromMap(new IdentityHashMap<>());
        if (sent != null) {
            Internals.addMemory(sent, memory);
        }
        for (Tensor gradient : waiting.values()) {
            Internals.addMemory(gradient, memory);
        }
        for (Tensor gradient : leaves.values()) {
            Internals.addMemory(gradient, memory);
        }
        return memory;
    }

    /** Releases memory that belongs to the pass, now or after it has been a gradient. */
    void release(Buffer buffer, String why) {
        if (needed().contains(buffer.memory())) {
            made.add(buffer);
        } else {
            buffer.release(why);
        }
    }

    /**
     * The work of one node, with {@code dy} as the gradient that came to it.
     *
     * @param isShown whether others than our operations see dy and what is made of it
     */
    Sending sending(String op, Tensor dy, boolean isShown) {
        if (isShown) {
            dy.buffer().shown();
        }
        return new Sending(op, dy, isShown ? 0 : pass);
    }

    /** When closed, releases what the node's work has left behind, and dy itself. */
    final class Sending implements AutoCloseable {
        private final String why;
        private final Scope scope;

        Sending(String op, Tensor dy, long pass) {
            this.why = WHY + ", made or used by " + op;
            scope = Scope.openForGradients(pass);
            sent = dy;
        }

        @Override
        public void close() {
            sent = null;
            Set<Object> needed = needed();
            scope.close(
                    b -> {
                        boolean done = !needed.contains(b.memory());
                        if (!done) {
                            made.add(b);
                        }
                        return done;
                    },
                    why);
            made.removeIf(
                    b -> {
                        boolean done = !needed.contains(b.memory());
                        if (done) {
                            b.release(why);
                        }
                        return done;
                    });
        }
    }
}
