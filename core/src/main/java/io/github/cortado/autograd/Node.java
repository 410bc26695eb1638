package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private @Nullable Checkpoint checkpoint;
    private @Nullable HookList<Function<Tensor, @Nullable Tensor>> hooks;

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
     * gradients it adds to.
     *
     * @param retainGraph whether the graph may be walked again; else everything that the operations
     *     kept for this is let go
     * @throws IllegalStateException if a part of the graph was walked before, or a value that an
     *     operation read has since been overwritten
     */
    public static void backward(Tensor y, Tensor dy, boolean retainGraph) {
        Walk.toLeaves(y, dy, retainGraph);
    }

    // What a walk asks

    /** Grows from one node to the next. */
    long number() {
        return number;
    }

    /** The number that the next node will have. */
    static long next() {
        return COUNT.get();
    }

    /** What the gradients read, without the graph behind it. */
    List<Tensor> read() {
        return read;
    }

    /** Whether the edges are there: no walk has let them go. */
    boolean isLive() {
        return edges != null;
    }

    /** The inputs that need a gradient. */
    List<Edge> live() {
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

    /** How its part of the graph is made again; null where it is there. */
    @Nullable Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Notes that the work is done again when a gradient comes: the edges have no gradients. */
    void checkpoint(Checkpoint again) {
        checkpoint = again;
    }

    /** Calls {@code hook} with the gradient of the result, before that goes on. */
    public RemovableHandle registerHook(Function<Tensor, @Nullable Tensor> hook) {
        if (hooks == null) {
            hooks = new HookList<>();
        }
        return hooks.add(hook);
    }

    /** What the hooks make of the gradient of the result. */
    Tensor hooked(Tensor dy, boolean create) {
        return GradientHooks.run(hooks, "a result of " + op, dy, create);
    }

    /** Whether memory that a further walk needs, or others have, is that of {@code x}. */
    boolean holds(Tensor x) {
        if (Internals.pending(x) != null) {
            return false;
        }
        Memory mine = memory;
        if (mine != null) {
            for (Buffer b : mine.workspace) {
                if (b.sharesMemoryWith(x.buffer())) {
                    return true;
                }
            }
            if (mine.output != null && mine.output.sharesMemoryWith(x)) {
                return true;
            }
        }
        for (Tensor t : read) {
            if (t.sharesMemoryWith(x)) {
                return true;
            }
        }
        return false;
    }

    /** Lets go what only gradients need; what the operation returned stays for a while. */
    void letGo(Outputs outputs, GradientFlow flow) {
        Memory mine = forgetGraph();
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

    /** Lets everything go, what the operation returned as well, but for {@code kept}'s memory. */
    void drop(@Nullable Tensor kept, Consumer<Buffer> release) {
        Memory mine = forgetGraph();
        if (mine != null) {
            mine.workspace.forEach(release);
            Tensor output = mine.output;
            if (output != null
                    && Internals.pending(output) == null
                    && !Internals.isReleased(output)
                    && (kept == null || !output.sharesMemoryWith(kept))) {
                release.accept(output.buffer());
            }
        }
    }

    private @Nullable Memory forgetGraph() {
        Memory mine = memory;
        edges = null;
        read = List.of();
        memory = null;
        checkpoint = null;
        return mine;
    }

    /** Refuses to go on where what the gradients read has been overwritten. */
    void checkUnchanged() {
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
}
