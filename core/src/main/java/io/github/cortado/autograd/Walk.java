package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk back through a graph, from the highest number down: to all leaves, whose gradients it
 * adds to, or to some tensors alone, and then nobody's gradient changes.
 */
final class Walk {
    private final GradientFlow flow = new GradientFlow();
    private final Outputs outputs = Outputs.ofThisThread();

    /** Whether the graph can be walked again. */
    private final boolean retain;

    /** Whether what is computed is recorded, to be differentiated in turn. */
    private final boolean create;

    /** What is asked for; null where all leaves are. */
    private final @Nullable Targets targets;

    private Walk(boolean retain, boolean create, @Nullable Targets targets) {
        this.retain = retain;
        this.create = create;
        this.targets = targets;
    }

    /** {@link Node#backward}. */
    static void toLeaves(Tensor y, Tensor dy, boolean retain) {
        // Memory of the gradients of before is written again.
        Pending.settleUnused();
        try (var pause = Autograd.noGrad();
                var inside = Autograd.walk(false)) {
            Walk walk = new Walk(retain, false, null);
            walk.from(y, dy);
            walk.flow.leaves().forEach((x, dx) -> accumulate(x, hooked(x, dx, false), dx, true));
            walk.flow.end();
        }
    }

    /**
     * Gradients of {@code inputs}, null for one that y does not depend on.
     *
     * @param create whether the gradients have gradients; the graph is kept then
     */
    static List<@Nullable Tensor> to(
            List<Tensor> inputs, Tensor y, Tensor dy, boolean retain, boolean create) {
        Pending.settleUnused();
        Targets targets = new Targets(inputs);
        try (var recording = create ? Autograd.enableGrad() : Autograd.noGrad();
                var inside = Autograd.walk(true)) {
            Walk walk = new Walk(retain || create, create, targets);
            walk.from(y, dy);
            walk.flow.leaves().forEach((x, dx) -> targets.found(x, hooked(x, dx, create), create));
            walk.flow.end();
        }
        return targets.gradients();
    }

    private static Tensor hooked(Tensor leaf, Tensor dx, boolean create) {
        return GradientHooks.run(
                Internals.hooks(leaf), "a leaf of shape " + leaf.shape(), dx, create);
    }

    private void from(Tensor y, Tensor dy) {
        Node root = Internals.node(y);
        if (root == null) {
            if (targets == null || targets.wants(y)) {
                toLeaf(y, dy, dy, true);
            }
            return;
        }
        List<Node> order = reachable(root, 0);
        if (!Autograd.isNestedWalk()) {
            outputs.releaseExcept(memoryOf(order));
        }
        flow.add(root, dy);
        walk(order, false);
    }

    /** All that the gradients of these nodes read. */
    private static Set<Object> memoryOf(List<Node> nodes) {
        Set<Object> memory = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : nodes) {
            for (Tensor t : n.read()) {
                Internals.addMemory(t, memory);
            }
        }
        return memory;
    }

    /** The nodes from {@code root} back to number {@code first}, the last one first. */
    private List<Node> reachable(Node root, long first) {
        List<Node> order = reachable(root, first, targets);
        if (targets != null) {
            targets.mark(order);
        }
        return order;
    }

    static List<Node> reachable(Node root, long first, @Nullable Targets targets) {
        IdentityHashMap<Node, Boolean> seen = new IdentityHashMap<>();
        List<Node> order = new ArrayList<>();
        seen.put(root, true);
        order.add(root);
        for (int i = 0; i < order.size(); i++) {
            Node at = order.get(i);
            if (targets != null && !at.isLive() && !targets.mayBeBehind(at)) {
                continue;
            }
            for (Edge e : at.live()) {
                Node n = Internals.node(e.input());
                if (n != null && n.number() >= first && seen.put(n, true) == null) {
                    order.add(n);
                }
            }
        }
        order.sort(Comparator.comparingLong(Node::number).reversed());
        return order;
    }

    /**
     * Serves these nodes one after another.
     *
     * @param isMadeAgain whether they are those of a {@link Checkpoint}, which go at once
     */
    private void walk(List<Node> order, boolean isMadeAgain) {
        for (Node node : order) {
            Tensor gradient = flow.take(node);
            boolean isNeeded = targets == null || targets.needs(node);
            if (gradient != null) {
                gradient = node.hooked(gradient, create);
                if (targets != null) {
                    targets.found(node, gradient, create);
                }
                if (isNeeded) {
                    send(node, gradient);
                }
            }
            if (isMadeAgain && !create) {
                node.drop(null, b -> flow.release(b, Checkpoint.WHY));
            } else if (!retain && isNeeded) {
                node.letGo(outputs, flow);
            }
        }
    }

    private void send(Node node, Tensor dy) {
        node.checkUnchanged();
        Checkpoint checkpoint = node.checkpoint();
        if (checkpoint != null) {
            List<Node> again = again(checkpoint, dy);
            walk(again, true);
        } else if (create) {
            node.live().stream().filter(this::isWanted).forEach(e -> sendRecorded(node, e, dy));
        } else {
            sendThrough(node, dy);
        }
    }

    /** The part of the graph that was not kept, with dy at its end. */
    private List<Node> again(Checkpoint checkpoint, Tensor dy) {
        long first = Node.next();
        Tensor y = checkpoint.again();
        Node root = Internals.node(y);
        if (root == null || root.number() < first) {
            throw new IllegalStateException(
                    "checkpoint: the function recorded operations when it was first run, and none"
                            + " when it was run again for its gradient");
        }
        List<Node> order = reachable(root, first);
        flow.add(root, dy);
        return order;
    }

    private void sendThrough(Node node, Tensor dy) {
        List<Edge> edges = node.live();
        boolean isForeign = edges.stream().anyMatch(Edge::isForeign);
        try (GradientFlow.Sending sending = flow.sending(node.op(), dy, isForeign)) {
            for (Edge e : edges) {
                if (isWanted(e)) {
                    send(node, e, dy, isForeign);
                }
            }
        } finally {
            edges.forEach(Edge::forget);
        }
    }

    private void send(Node node, Edge e, Tensor dy, boolean isForeign) {
        Tensor x = e.input();
        Node n = Internals.node(x);
        Edge.Part part = e.part();
        if (n != null && part != null) {
            flow.addPart(n, dy, e, part);
            return;
        }
        @Nullable Tensor dx = e.gradient().apply(dy);
        if (dx == null) {
            // A user's operation may have none.
            return;
        }
        assert dx.shape().equals(x.shape()) : node.op() + ": gradient " + dx.shape() + " for " + x;
        if (n == null) {
            toLeaf(x, dx, dy, isForeign || (retain && node.holds(dx)));
        } else {
            flow.add(n, dx);
        }
    }

    private void sendRecorded(Node node, Edge e, Tensor dy) {
        var gradient = e.differentiable();
        if (gradient == null) {
            throw new UnsupportedOperationException(
                    "grad: "
                            + node.op()
                            + " has no second derivative: its gradient is not made of operations"
                            + " that record theirs; leave createGraph out, or compute it by others");
        }
        @Nullable Tensor dx = gradient.apply(dy);
        Node n = Internals.node(e.input());
        if (dx != null && n != null) {
            flow.add(n, dx);
        } else if (dx != null) {
            flow.addLeaf(e.input(), dx);
        }
    }

    /** A leaf that was frozen since the forward pass has no gradient added. */
    private boolean isWanted(Edge e) {
        return targets == null ? e.input().requiresGrad() : targets.wants(e.input());
    }

    /** As {@link #accumulate}, at the end of the walk where somebody waits for all of dx. */
    private void toLeaf(Tensor x, Tensor dx, Tensor dy, boolean isOthers) {
        var hooks = Internals.hooks(x);
        if (targets != null || (hooks != null && !hooks.isEmpty())) {
            flow.addLeaf(x, dx);
        } else {
            accumulate(x, dx, dy, isOthers);
        }
    }

    /**
     * Adds to the gradient of a leaf.
     *
     * @param dy dx may be a view of it
     * @param isOthers whether dx is in memory that somebody else has
     */
    private static void accumulate(Tensor x, Tensor dx, Tensor dy, boolean isOthers) {
        Tensor present = x.grad();
        if (present != null) {
            Pending.settle(present);
            Operands onto = Operands.onto(present.buffer(), dx.buffer());
            Backend backend = x.device().backend();
            Buffer.overwriting(
                    List.of(present.buffer()), () -> backend.pointwise(Formulas.ADD.value(), onto));
            return;
        }
        Pending open = Internals.pending(dx);
        Tensor storage = Internals.freeStorage(x);
        if (storage != null
                && open != null
                && open != Internals.pending(dy)
                && open.isOpenHere()
                && !open.reads(storage)) {
            storage = Internals.newGrad(x);
            open.computed(storage.buffer());
            x.grad(storage.keep());
            return;
        }
        // dy may be on its way to other leaves too, so a view of it is not theirs to keep.
        var values = dx.buffer();
        Tensor gradient = dx;
        if (isOthers || Internals.isMisplaced(x, dx) || dx.sharesMemoryWith(dy)) {
            gradient = Internals.newGrad(x);
            x.device().backend().copy(values, gradient.buffer());
        }
        x.grad(gradient.keep());
    }

    /** The tensors that gradients are asked of, and what leads to them. */
    static final class Targets {
        private final List<Tensor> inputs;
        private final Map<Object, @Nullable Tensor> gradients = new IdentityHashMap<>();
        private final Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());

        /** Whether one is a leaf, which may be behind anything. */
        private boolean hasLeaf;

        /** The first of those that operations have made. */
        private long first = Long.MAX_VALUE;

        Targets(List<Tensor> inputs) {
            this.inputs = inputs;
            for (Tensor x : inputs) {
                Node maker = Internals.node(x);
                hasLeaf |= maker == null;
                first = maker == null ? first : Math.min(first, maker.number());
                gradients.put(key(x), null);
            }
        }

        private static Object key(Tensor x) {
            Node maker = Internals.node(x);
            return maker == null ? x : maker;
        }

        /** Whether one of them may be behind a node whose edges are gone. */
        boolean mayBeBehind(Node node) {
            return hasLeaf || first < node.number();
        }

        /** Notes which of these nodes lead to one of them; all that is before them was marked. */
        void mark(List<Node> order) {
            for (int i = order.size() - 1; i >= 0; i--) {
                Node n = order.get(i);
                if (n.isLive() && n.live().stream().anyMatch(e -> wants(e.input()))) {
                    needed.add(n);
                }
            }
        }

        /** Whether something that is asked for is behind the node. */
        boolean needs(Node node) {
            return needed.contains(node);
        }

        /** Whether x is asked for, or something behind it is. */
        boolean wants(Tensor x) {
            Object key = key(x);
            return gradients.containsKey(key) || (key instanceof Node n && needed.contains(n));
        }

        /** Notes the gradient of a leaf or of a node's result, if that is asked for. */
        void found(Object key, Tensor gradient, boolean create) {
            if (gradients.containsKey(key)) {
                // Memory of gradients on their way is used again.
                gradients.put(key, create ? gradient : gradient.copy());
            }
        }

        List<@Nullable Tensor> gradients() {
            List<@Nullable Tensor> all = new ArrayList<>(inputs.size());
            for (Tensor x : inputs) {
                all.add(gradients.get(key(x)));
            }
            return Collections.unmodifiableList(all);
        }
    }
}
