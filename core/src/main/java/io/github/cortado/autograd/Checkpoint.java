package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A part of the graph that is not kept, but made again when a gradient comes to its end. It is run
 * on the same tensors and walked within the same walk, so that every sum of gradients is made in
 * the order that it would have been made in otherwise. (Chen et al., Training Deep Nets with
 * Sublinear Memory Cost, arXiv 1604.06174.)
 */
final class Checkpoint {
    static final String WHY =
            "it was made inside of a checkpoint, which keeps nothing but its result; call keep() on"
                    + " it there";

    private final Supplier<Tensor> function;
    private final Rerun run = new Rerun();
    private final List<Unchanged> read = new ArrayList<>();
    private Tensor y;

    /** Memory that operations inside read, as long as somebody has it, and its count of writes. */
    private record Unchanged(WeakReference<Buffer> memory, int version) {}

    private Checkpoint(Supplier<Tensor> function) {
        this.function = function;
        long first = Node.next();
        long firstPending = Pending.next();
        try (var inside = run.run(false)) {
            y = function.get();
        }
        Node end = Internals.node(y);
        if (end != null && end.number() >= first) {
            y = replaced(end, first, firstPending);
        }
    }

    /** The function's result. */
    static Tensor run(Supplier<Tensor> function) {
        return Autograd.isRecording() ? new Checkpoint(function).y : function.get();
    }

    /** The result with a node that stands for all that was recorded, which goes. */
    private Tensor replaced(Node end, long first, long firstPending) {
        Tensor result = y.detach();
        result.buffer();
        List<Node> inside = Walk.reachable(end, first, null);
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Edge> edges = new ArrayList<>();
        List<Tensor> alsoRead = new ArrayList<>();
        for (Node n : inside) {
            n.checkUnchanged();
            for (Edge e : n.live()) {
                Node maker = Internals.node(e.input());
                boolean isOutside = maker == null || maker.number() < first;
                if (isOutside && seen.add(maker == null ? e.input() : maker)) {
                    edges.add(Edge.to(e.input(), dy -> dy));
                }
            }
            for (Tensor t : n.read()) {
                note(t, firstPending, alsoRead);
            }
        }
        Node.record("checkpoint", result, alsoRead, edges.toArray(Edge[]::new));
        inside.forEach(n -> n.drop(result, b -> b.release(WHY)));
        Node made = Internals.node(result);
        if (made != null) {
            made.checkpoint(this);
            if (end.stopsAtZero()) {
                made.stopAtZero();
            }
        }
        return result;
    }

    private void note(Tensor t, long firstPending, List<Tensor> alsoRead) {
        Pending open = Internals.pending(t);
        if (open == null && !Internals.isReleased(t)) {
            Buffer whole = t.buffer().whole();
            read.add(new Unchanged(new WeakReference<>(whole), whole.version()));
        } else if (open != null && open.number() < firstPending) {
            alsoRead.add(t);
        }
    }

    /** Runs the function again, recording what it does. */
    Tensor again() {
        for (Unchanged u : read) {
            Buffer memory = u.memory.get();
            if (memory != null && memory.released() == null && memory.version() != u.version) {
                throw new IllegalStateException(
                        "backward: a tensor of "
                                + memory.length()
                                + " elements that the function of a checkpoint needs to run again"
                                + " was changed in place since; run the forward pass again");
            }
        }
        try (var recording = Autograd.enableGrad();
                var inside = run.run(true)) {
            Tensor result = function.get();
            run.checkDrawn();
            String difference = GradientHooks.difference(y, result);
            if (difference != null) {
                throw new IllegalStateException(
                        "checkpoint: run again for its gradient, the function returned a tensor "
                                + difference
                                + " as from its first run");
            }
            return result;
        }
    }
}
