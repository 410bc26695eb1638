package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One executed operation: its inputs that need a gradient, and how to get it. Nodes are numbered in
 * the order of their making, which is a topological order of the graph, so that {@link #backward}
 * is one walk from the highest number down.
 */
public final class Node {
    private static final AtomicLong COUNT = new AtomicLong();

    private final String op;
    private final long number = COUNT.getAndIncrement();
    private final int[] versions;
    private boolean stopsAtZero;
    private List<Tensor> read;
    private @Nullable List<Edge> edges;
    private @Nullable Memory memory;

    /**
     * Managed memory that came with this node, which goes when it is no longer needed.
     *
     * @param output what the operation returned; null where that is a view of an input
     * @param workspace what it kept for its gradient alone
     */
    private record Memory(@Nullable Tensor output, List<Buffer> workspace) {}

    private Node(String op, List<Tensor> read, List<Edge> edges, Memory memory) {
        this.op = op;
        this.read = read;
        this.edges = edges;
        this.memory = memory;
        this.versions = new int[read.size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = Internals.version(read.get(i));
        }
    }

    /**
     * Notes that {@code y} came from {@code op} over these edges, unless recording is paused or no
     * input needs a gradient.
     *
     * @return y
     */
    public static Tensor record(String op, Tensor y, Edge... edges) {
        return record(op, y, List.of(), edges);
    }

    /**
     * As {@link #record(String, Tensor, Edge...)}, for gradients that read more than the inputs,
     * such as the output.
     *
     * @param alsoRead what must keep its values until the gradients have been computed
     */
    public static Tensor record(String op, Tensor y, List<Tensor> alsoRead, Edge... edges) {
        return record(op, y, alsoRead, List.of(), edges);
    }

    /**
     * As {@link #record(String, Tensor, List, Edge...)}, for operations that keep tensors of their
     * own, such as batch statistics, until their gradient has been computed.
     *
     * @param workspace what nobody else knows of; its memory goes back to the device after that
     */
    public static Tensor record(
            String op, Tensor y, List<Tensor> alsoRead, List<Tensor> workspace, Edge... edges) {
        if (!Autograd.isRecording()) {
            return y;
        }
        List<Edge> needed = new ArrayList<>(edges.length);
        List<Tensor> read = new ArrayList<>(edges.length + alsoRead.size());
        alsoRead.forEach(t -> read.add(t.detach()));
        for (Edge e : edges) {
            // One that needs no gradient may still be a factor of another's.
            read.add(e.input().detach());
            if (e.input().requiresGrad()) {
                needed.add(e);
            }
        }
        if (!needed.isEmpty()) {
            Internals.recordedBy(y, new Node(op, read, needed, memory(y, workspace, edges)));
        }
        return y;
    }

    /** Whether {@link #record} would note an operation on these inputs; null is none. */
    public static boolean records(@Nullable Tensor... inputs) {
        boolean needed = false;
        for (Tensor input : inputs) {
            needed |= input != null && input.requiresGrad();
        }
        return needed && Autograd.isRecording();
    }

    private static Memory memory(Tensor y, List<Tensor> workspace, Edge... edges) {
        boolean view = false;
        for (Edge e : edges) {
            view |= e.input().sharesMemoryWith(y);
        }
        boolean isKept = Internals.pending(y) == null && y.buffer().isKept();
        return new Memory(
                view || isKept ? null : y.detach(),
                workspace.stream().map(Tensor::buffer).toList());
    }

    /** Name of the operation, as in {@code Functional}. */
    public String op() {
        return op;
    }

    /** Notes that results are nowhere below 0, and gradients of those that are 0 go no further. */
    public void stopAtZero() {
        stopsAtZero = true;
    }

    /** Whether results are nowhere below 0, and no gradient of a 0 goes further: a ReLU's. */
    public boolean stopsAtZero() {
        return stopsAtZero;
    }

    /**
     * Sends {@code dy}, the gradient of {@code y}, back through the graph to the leaves, whose
     * gradients it adds to. Everything that the operations kept for this is let go.
     *
     * @throws IllegalStateException if a part of the graph was walked before, or a value that an
     *     operation read has since been overwritten
     */
    public static void backward(Tensor y, Tensor dy) {
        // Memory of the gradients of before is written again.
        Pending.settleUnused();
        try (var pause = Autograd.noGrad()) {
            Node root = Internals.node(y);
            if (root == null) {
                accumulateLeaf(y, dy, dy);
                return;
            }
            List<Node> order = reachable(root);
            Outputs outputs = Outputs.ofThisThread();
            outputs.releaseExcept(memoryOf(order));
            GradientFlow flow = new GradientFlow();
            flow.add(root, dy);
            for (Node node : order) {
                Tensor gradient = flow.take(node);
                if (gradient != null) {
                    node.send(gradient, flow);
                }
                node.letGo(outputs, flow);
            }
        }
    }

    /** All that the gradients of these nodes read. */
    private static Set<Object> memoryOf(List<Node> nodes) {
        Set<Object> memory = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : nodes) {
            for (Tensor t : n.read) {
                Internals.addMemory(t, memory);
            }
        }
        return memory;
    }

    private static List<Node> reachable(Node root) {
        IdentityHashMap<Node, Boolean> seen = new IdentityHashMap<>();
        List<Node> order = new ArrayList<>();
        seen.put(root, true);
        order.add(root);
        for (int i = 0; i < order.size(); i++) {
            for (Edge e : order.get(i).live()) {
                Node n = Internals.node(e.input());
                if (n != null && seen.put(n, true) == null) {
                    order.add(n);
                }
            }
        }
        order.sort(Comparator.comparingLong((Node n) -> n.number).reversed());
        return order;
    }

    private List<Edge> live() {
        List<Edge> present = edges;
        if (present == null) {
            throw new IllegalStateException(
                    "backward: the graph through "
                            + op
                            + " has been walked by an earlier backward(), which released what "
                            + op
                            + " had kept; run the forward pass again");
        }
        return present;
    }

    private void send(Tensor dy, GradientFlow flow) {
        checkUnchanged();
        boolean isForeign = false;
        for (Edge e : live()) {
            isForeign |= e.isForeign();
        }
        try (GradientFlow.Sending sending = flow.sending(op, dy, isForeign)) {
            for (Edge e : live()) {
                Tensor x = e.input();
                Node n = Internals.node(x);
                Edge.Part part = e.part();
                if (n != null && part != null) {
                    flow.addPart(n, dy, e, part);
                    continue;
                }
                Tensor dx = e.gradient().apply(dy);
                assert dx.shape().equals(x.shape()) : op + ": gradient " + dx.shape() + " for " + x;
                if (n == null) {
                    accumulateLeaf(x, dx, dy);
                } else {
                    flow.add(n, dx);
                }
            }
        }
    }

    private void letGo(Outputs outputs, GradientFlow flow) {
        edges = null;
        read = List.of();
        Memory mine = memory;
        memory = null;
        if (mine != null) {
            boolean isOpen = mine.output != null && Internals.pending(mine.output) != null;
            for (Buffer b : mine.workspace) {
                if (isOpen) {
                    // Who asks for the output yet computes it from this.
                    outputs.add(op, b);
                } else {
                    flow.release(b, "it was kept by " + op + " alone");
                }
            }
            if (mine.output != null && !isOpen) {
                outputs.add(op, mine.output.buffer());
            }
        }
    }

    private void checkUnchanged() {
        for (int i = 0; i < versions.length; i++) {
            if (Internals.version(read.get(i)) != versions[i]) {
                throw new IllegalStateException(
                        "backward: a tensor of shape "
                                + read.get(i).shape()
                                + " that "
                                + op
                                + " needs for its gradient was changed in place since, or moved to"
                                + " another device or type; run the forward pass again");
            }
        }
    }

    private static void accumulateLeaf(Tensor x, Tensor dx, Tensor dy) {
        Tensor present = x.grad();
        if (present != null) {
            Pending.settle(present);
            x.device()
                    .backend()
                    .pointwise(Formulas.ADD.value(), Operands.onto(present.buffer(), dx.buffer()));
            present.buffer().written();
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
        Buffer values = dx.buffer();
        Tensor gradient = dx;
        if (Internals.isMisplaced(x, dx) || dx.sharesMemoryWith(dy)) {
            gradient = Internals.newGrad(x);
            x.device().backend().copy(values, gradient.buffer());
        }
        x.grad(gradient.keep());
    }
}
