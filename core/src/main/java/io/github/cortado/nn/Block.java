package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a network, or all of it: parameters, buffers and smaller blocks under names. What it is
 * computed from is its own to say, in a method of its own: several tensors, a cache. One from a
 * single tensor to a single one is a {@link Layer}.
 *
 * <pre>{@code
 * final class Lookup extends Block {
 *     private final Linear query = add("query", new Linear(64, 64));
 *     private final Linear key = add("key", new Linear(64, 64));
 *
 *     Tensor forward(Tensor x, Tensor memory) {
 *         Tensor scores = query.forward(x).matmul(key.forward(memory).transpose(1, 2));
 *         return scores.softmax(2).matmul(memory);
 *     }
 * }
 * }</pre>
 *
 * <p>Names and order are those of PyTorch's state dict, so that weights travel both ways. The class
 * is what PyTorch calls a module, a word that Java has taken; block is DJL's and Gluon's for the
 * same, theirs too says nothing of its inputs.
 */
public abstract class Block {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Block> children = new LinkedHashMap<>();
    private @Nullable Draws draws;
    private boolean training = true;

    /** For subclasses. */
    protected Block() {}

    // Building

    /** Registers a part under a name and returns it. */
    protected final <B extends Block> B add(String name, B part) {
        claim(name);
        children.put(name, part);
        return part;
    }

    /** Registers a tensor to be trained and returns it. */
    protected final Tensor parameter(String name, Tensor value) {
        claim(name);
        parameters.put(name, value.requiresGrad(true));
        return value;
    }

    /** Registers a tensor that belongs to the state but is not trained, and returns it. */
    protected final Tensor buffer(String name, Tensor value) {
        claim(name);
        buffers.put(name, value);
        return value;
    }

    /**
     * Registers random numbers of this block's own, and returns them: noise, or which paths are
     * dropped. A resumed run draws what the one that stopped would have drawn.
     *
     * @throws IllegalStateException if there are some already; another part may have others
     */
    protected final Draws draws() {
        if (draws != null) {
            throw new IllegalStateException(kind() + " has draws already");
        }
        Draws made = new Draws();
        draws = made;
        return made;
    }

    /**
     * Registers another tensor in the place of a parameter, which may be another block's too, and
     * returns it.
     *
     * @throws IllegalArgumentException if it has another shape, or is the result of an operation
     */
    protected final Tensor assign(String name, Tensor value) {
        Tensor old = parameters.get(name);
        if (old == null) {
            throw new IllegalArgumentException(
                    kind() + ": there is no parameter called '" + name + "'");
        }
        if (!old.shape().equals(value.shape())) {
            throw new ShapeException(
                    kind() + "." + name + " is " + old.shape() + ", got " + value.shape());
        }
        Node maker = Internals.node(value);
        if (maker != null) {
            throw new IllegalArgumentException(
                    kind()
                            + "."
                            + name
                            + ": the result of "
                            + maker.op()
                            + " cannot be a parameter; detach() makes it one");
        }
        parameters.put(name, value);
        return value;
    }

    /** Takes a parameter away, so that another can be registered under its name. */
    protected final void forget(String name) {
        parameters.remove(name);
    }

    /**
     * Puts another part in the place of the one of that name, such as a new head, and returns it. A
     * field that holds the old part holds the new one from then on; it must not be final.
     *
     * @throws IllegalArgumentException if there is no such part, or it is held where it cannot be
     *     replaced: the block would go on to use it
     */
    public final <B extends Block> B replace(String name, B part) {
        Block old = children.get(name);
        if (old == null) {
            throw new IllegalArgumentException(
                    kind()
                            + ": there is no part called '"
                            + name
                            + "', only "
                            + String.join(", ", children.keySet()));
        }
        check(name, part);
        long names = children.values().stream().filter(p -> p == old).count();
        PartFields.of(this, old).replace(name, names, part);
        children.put(name, part);
        return part;
    }

    /** Refuses a part that this block could not use. */
    void check(String name, Block part) {}

    private void claim(String name) {
        if (name.isEmpty() || name.contains(".")) {
            throw new IllegalArgumentException(
                    "Block: '" + name + "' is not a name; it must be non-empty, without dots");
        }
        if (parameters.containsKey(name)
                || buffers.containsKey(name)
                || children.containsKey(name)) {
            throw new IllegalArgumentException(
                    "Block: " + kind() + " has a member called '" + name + "' already");
        }
    }

    // Looking inside

    /** The parts, in order. */
    public final Map<String, Block> children() {
        return Collections.unmodifiableMap(children);
    }

    /** All parameters of this block and its parts, each once, in order of first use. */
    public final List<Tensor> parameters() {
        return new ArrayList<>(namedParameters().values());
    }

    /**
     * All parameters under their full names, such as {@code conv1.weight}; one that has several is
     * there once, under the first.
     */
    public final Map<String, Tensor> namedParameters() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        visit("", (prefix, m) -> m.parameters.forEach((n, t) -> all.put(prefix + n, t)));
        eachOnce(all);
        return all;
    }

    /** All buffers under their full names, such as {@code bn1.running_mean}, each once. */
    public final Map<String, Tensor> namedBuffers() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        visit("", (prefix, m) -> m.buffers.forEach((n, t) -> all.put(prefix + n, t)));
        eachOnce(all);
        return all;
    }

    /** All blocks under their full names, each once, this one under the empty name. */
    public final Map<String, Block> namedBlocks() {
        Map<String, Block> all = new LinkedHashMap<>();
        visit("", (prefix, m) -> all.put(prefix.replaceAll("\\.$", ""), m));
        eachOnce(all);
        return all;
    }

    /** Leaves out values that are there already under an earlier name. */
    private static void eachOnce(Map<String, ?> values) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        values.values().removeIf(value -> !seen.add(value));
    }

    private void visit(String prefix, BiConsumer<String, Block> visitor) {
        visitor.accept(prefix, this);
        children.forEach((name, part) -> part.visit(prefix + name + ".", visitor));
    }

    // State

    /**
     * Parameters and buffers under PyTorch's names; the tensors are the block's own. One that is
     * used in several places is there under all of its names.
     */
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        visit(
                "",
                (prefix, m) -> {
                    m.parameters.forEach((n, t) -> all.put(prefix + n, t));
                    m.buffers.forEach((n, t) -> all.put(prefix + n, t));
                });
        return all;
    }

    /**
     * Copies values into the parameters and buffers. Of a tensor with several names one is enough.
     *
     * @throws IllegalArgumentException listing every name that is missing, unknown or of another
     *     shape, or has other values than another name of the same tensor; nothing has been changed
     *     then
     */
    public final void loadStateDict(Map<String, Tensor> values) {
        StateFit fit = StateFit.of(stateDict(), values);
        if (!fit.isExact() || !fit.contradictions().isEmpty()) {
            throw misfit(fit.faults());
        }
        stateDict().forEach((name, t) -> copy(values.get(name), t));
    }

    /**
     * As {@link #loadStateDict(Map)}, but leaves out what does not fit unless {@code strict}: to
     * start from a network with another head, say.
     *
     * @return what was left out
     * @throws IllegalArgumentException also if two names of one tensor have different values
     */
    public final StateFit loadStateDict(Map<String, Tensor> values, boolean strict) {
        Map<String, Tensor> own = stateDict();
        StateFit fit = StateFit.of(own, values);
        if (strict) {
            loadStateDict(values);
        } else if (!fit.contradictions().isEmpty()) {
            throw misfit(fit.contradictions());
        } else {
            fit.fitting().forEach(name -> copy(values.get(name), own.get(name)));
        }
        return fit;
    }

    private static void copy(@Nullable Tensor from, @Nullable Tensor to) {
        if (from != null && to != null) {
            to.copyFrom(from);
        }
    }

    private IllegalArgumentException misfit(List<String> faults) {
        return new IllegalArgumentException(
                "loadStateDict: the values do not fit "
                        + kind()
                        + ": "
                        + String.join("; ", faults));
    }

    /**
     * Numbers that belong to the state of training but not to the weights, under full names: for
     * each block that draws random numbers, their seed and ordinal and how often it has drawn.
     * Needed to resume exactly.
     */
    public final Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        visitDraws((prefix, d) -> d.counters().forEach((n, count) -> all.put(prefix + n, count)));
        return all;
    }

    /**
     * Sets what {@link #counters} returned.
     *
     * @throws IllegalArgumentException if the names are not those of this block, or a number is out
     *     of range; nothing has been changed then
     */
    public final void loadCounters(Map<String, Long> values) {
        if (!values.keySet().equals(counters().keySet())) {
            throw new IllegalArgumentException(
                    "loadCounters: expected " + counters().keySet() + ", got " + values.keySet());
        }
        visitDraws((prefix, d) -> Draws.check(prefix, values));
        visitDraws((prefix, d) -> d.load(prefix, values));
    }

    private void visitDraws(BiConsumer<String, Draws> visitor) {
        visit(
                "",
                (prefix, b) -> {
                    if (b.draws != null) {
                        visitor.accept(prefix, b.draws);
                    }
                });
    }

    /** Switches dropout and batch statistics on. */
    public Block train() {
        return train(true);
    }

    /** Switches dropout and batch statistics off. */
    public Block eval() {
        return train(false);
    }

    /** Switches dropout and batch statistics, here and in all parts. */
    public Block train(boolean on) {
        visit("", (prefix, m) -> m.training = on);
        return this;
    }

    /** Whether dropout and batch statistics are on. */
    public final boolean isTraining() {
        return training;
    }

    /** Drops all gradients. */
    public final void zeroGrad() {
        parameters().forEach(p -> p.grad(null));
    }

    /** Moves all parameters and buffers themselves to a device. */
    public Block to(Device device) {
        stateDict().values().forEach(t -> t.move(device, t.dtype()));
        return this;
    }

    /** Moves all floating-point parameters and buffers themselves to a device and a dtype. */
    public Block to(Device device, DType dtype) {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("Block.to: " + dtype + " is not a float type");
        }
        stateDict().values().forEach(t -> t.move(device, t.dtype().isFloat() ? dtype : t.dtype()));
        return this;
    }

    // Printing

    /** The class name, as printed; of a class without a name, what it extends. */
    protected String kind() {
        Class<?> named = getClass();
        while (named.isAnonymousClass()) {
            named = named.getSuperclass();
        }
        return named.getSimpleName();
    }

    /** What stands between the parentheses after the class name. */
    protected String details() {
        return "";
    }

    /** The structure as PyTorch prints it. */
    @Override
    public String toString() {
        if (children.isEmpty()) {
            return kind() + "(" + details() + ")";
        }
        StringBuilder s = new StringBuilder(kind()).append("(\n");
        children.forEach(
                (name, part) ->
                        s.append("  (")
                                .append(name)
                                .append("): ")
                                .append(part.toString().replace("\n", "\n  "))
                                .append('\n'));
        return s.append(')').toString();
    }

    /** A number as Python prints it: {@code 1e-05}, {@code 0.0001}, {@code 0.5}. */
    static String number(double v) {
        if (v != 0 && Math.abs(v) < 1e-4) {
            String s = Double.toString(v).replace(".0E", "e").replace("E", "e");
            return s.replaceAll("e-(\\d)$", "e-0$1");
        }
        if (v != 0 && Math.abs(v) < 1e-3) {
            return BigDecimal.valueOf(v).stripTrailingZeros().toPlainString();
        }
        return Double.toString(v);
    }
}
