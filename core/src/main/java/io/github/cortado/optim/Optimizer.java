package io.github.cortado.optim;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepNumber.Rate;
import io.github.cortado.backend.StepValue;
import io.github.cortado.optim.FlatStorage.Member;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters along their gradients. At the first step the parameters move side by side into
 * one piece of memory, and their gradients and the optimizer's state into others like it, so that
 * one call of the backend updates all of them.
 *
 * <p>Parameters that need no gradient are frozen: they stay as and where they are, without weight
 * decay and momentum. Each step asks anew, so that one may be frozen or thawed between two.
 */
public abstract class Optimizer {
    private final List<Tensor> parameters;
    private final Count[] steps;
    private final Rate lr;
    private List<FlatStorage> storages = List.of();

    /**
     * An optimizer of these parameters, some of which may be frozen.
     *
     * @throws IllegalArgumentException if there are none, one is the result of an operation, has no
     *     floating-point numbers or is given twice, or lr is not a number from 0 up
     */
    protected Optimizer(List<Tensor> parameters, double lr) {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(name() + ": there are no parameters to train");
        }
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Tensor p : parameters) {
            Node maker = Internals.node(p);
            if (maker != null || !p.dtype().isFloat()) {
                throw new IllegalArgumentException(
                        name()
                                + ": a tensor of shape "
                                + p.shape()
                                + " is not a parameter: it is "
                                + (maker != null
                                        ? "the result of " + maker.op()
                                        : p.dtype().toString()));
            }
            if (!seen.add(p)) {
                throw new IllegalArgumentException(
                        name() + ": the same parameter of shape " + p.shape() + " is given twice");
            }
        }
        nonNegative("learning rate", lr);
        this.parameters = List.copyOf(parameters);
        this.steps = new Count[parameters.size()];
        Arrays.setAll(steps, i -> new Count());
        this.lr = new Rate(lr);
    }

    private String name() {
        return getClass().getSimpleName();
    }

    /** Updates every parameter that has a gradient and is not frozen. */
    public final void step() {
        Pending.settleAll();
        arrange();
        for (FlatStorage storage : storages) {
            List<Member> members = storage.members();
            int end;
            for (int start = 0; start < members.size(); start = end) {
                end = endOfRun(members, start);
                if (end == start) {
                    end++;
                } else {
                    members.subList(start, end).forEach(this::prepare);
                    update(storage.run(start, end, steps[members.get(start).index()]));
                    members.subList(start, end).forEach(m -> m.weight().written());
                }
            }
        }
    }

    /**
     * Moves the parameters into flat storage, if they are not there or have left it. Frozen ones
     * are left alone: they would cost the memory of gradients and state, and lie between others.
     */
    private void arrange() {
        boolean[] stored = new boolean[steps.length];
        storages.forEach(s -> s.members().forEach(m -> stored[m.index()] = true));
        boolean[] wanted = new boolean[steps.length];
        boolean thawed = false;
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = !stored[i] && isTrained(parameters.get(i));
            thawed |= wanted[i];
        }
        if (storages.stream().allMatch(FlatStorage::isInPlace)) {
            if (thawed) {
                List<FlatStorage> all = new ArrayList<>(storages);
                all.addAll(FlatStorage.of(parameters, wanted, List.of()));
                storages = all;
            }
            return;
        }
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] |= stored[i];
        }
        List<FlatStorage> before = storages;
        storages = FlatStorage.of(parameters, wanted, before);
        for (FlatStorage storage : before) {
            for (Member m : storage.members()) {
                for (String name : storage.stateNames()) {
                    // Not null: it is one of the names that the storage has.
                    Tensor old = Objects.requireNonNull(storage.state(name, m));
                    Tensor now = state(m.index(), name);
                    now.copyFrom(old);
                    old.buffer().movedTo(now.buffer(), now.device(), true);
                }
            }
        }
    }

    private static boolean isTrained(Tensor p) {
        return p.requiresGrad();
    }

    /** The end of the longest run from start on with gradients and equal numbers of updates. */
    private int endOfRun(List<Member> members, int start) {
        int end = start;
        while (end < members.size()
                && members.get(end).parameter().grad() != null
                && isTrained(members.get(end).parameter())
                && stepsOf(members, end) == stepsOf(members, start)) {
            end++;
        }
        return end;
    }

    private long stepsOf(List<Member> members, int i) {
        return steps[members.get(i).index()].get();
    }

    private void prepare(Member m) {
        // Not null: the run of parameters ends before one without a gradient.
        Tensor g = Objects.requireNonNull(m.parameter().grad());
        if (!g.buffer().sharesMemoryWith(m.gradient())) {
            m.parameter().device().backend().copy(g.buffer(), m.gradient());
        }
        steps[m.index()].add(1);
    }

    /** Updates neighbouring parameters in place; their count of steps is that of this step. */
    abstract void update(Run run);

    /** The state of that name of one parameter, zeros of its shape at first. */
    private Tensor state(int index, String name) {
        for (FlatStorage storage : storages) {
            for (Member m : storage.members()) {
                if (m.index() == index) {
                    // Not null once all of it is there.
                    storage.allState(name);
                    return Objects.requireNonNull(storage.state(name, m));
                }
            }
        }
        throw new AssertionError(index);
    }

    /** Drops all gradients. */
    public final void zeroGrad() {
        for (Tensor p : parameters) {
            p.grad(null);
        }
    }

    /** The parameters, in the order given. */
    public final List<Tensor> parameters() {
        return parameters;
    }

    /** The learning rate. */
    public final double lr() {
        return lr.get();
    }

    /** The learning rate as operations take it. */
    final StepValue lrNow() {
        return lr.now();
    }

    /**
     * Sets the learning rate.
     *
     * @throws IllegalArgumentException if it is not a number from 0 up
     */
    public final void setLr(double rate) {
        nonNegative("learning rate", rate);
        lr.set(rate);
    }

    /** Throws, naming the optimizer, if {@code value} is not a finite number from 0 up. */
    final void nonNegative(String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    name() + ": " + what + " must be a number from 0 up, got " + value);
        }
    }

    /** Throws, naming the optimizer, if {@code value} is not from 0 to below 1. */
    final void fraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(
                    name() + ": " + what + " must be from 0 to below 1, got " + value);
        }
    }

    /**
     * State tensors of all parameters that were updated, under names such as {@code 3.exp_avg}, for
     * checkpoints. They are the optimizer's own and follow its updates, until {@link #loadState}
     * replaces them.
     */
    public final Map<String, Tensor> stateTensors() {
        Map<Integer, Map<String, Tensor>> byIndex = new TreeMap<>();
        for (FlatStorage storage : storages) {
            for (Member m : storage.members()) {
                if (steps[m.index()].get() > 0) {
                    Map<String, Tensor> own = new LinkedHashMap<>();
                    storage.stateNames()
                            .forEach(
                                    name ->
                                            own.put(
                                                    m.index() + "." + name,
                                                    storage.state(name, m)));
                    byIndex.put(m.index(), own);
                }
            }
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        byIndex.values().forEach(all::putAll);
        return all;
    }

    /** Number of updates of each parameter, for checkpoints. */
    public final long[] stepCounts() {
        return Arrays.stream(steps).mapToLong(Count::get).toArray();
    }

    /**
     * Sets what {@link #stateTensors} and {@link #stepCounts} returned.
     *
     * @throws IllegalArgumentException naming the entry that does not fit; nothing has been changed
     *     then
     */
    public final void loadState(Map<String, Tensor> tensors, long[] stepCounts) {
        if (stepCounts.length != steps.length) {
            throw new IllegalArgumentException(
                    name() + ": state of " + stepCounts.length + " parameters for " + steps.length);
        }
        for (long count : stepCounts) {
            if (count < 0) {
                throw new IllegalArgumentException(name() + ": step count " + count);
            }
        }
        tensors.forEach(
                (key, value) -> {
                    @Nullable Tensor w = parameterOf(key, key.indexOf('.'));
                    if (w == null || !w.shape().equals(value.shape())) {
                        throw new IllegalArgumentException(
                                name() + ": state " + key + " " + value.shape() + " does not fit");
                    }
                });
        // The values may be views of the state that is replaced here.
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((key, value) -> copies.put(key, value.copy()));
        storages = FlatStorage.of(parameters, withState(copies, stepCounts), storages);
        copies.forEach(
                (key, value) -> {
                    int dot = key.indexOf('.');
                    state(Integer.parseInt(key.substring(0, dot)), key.substring(dot + 1))
                            .copyFrom(value);
                });
        for (int i = 0; i < steps.length; i++) {
            steps[i].set(stepCounts[i]);
        }
    }

    /** The parameters that have state to keep, and those that are trained. */
    private boolean[] withState(Map<String, Tensor> tensors, long[] stepCounts) {
        boolean[] wanted = new boolean[stepCounts.length];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = stepCounts[i] > 0 || isTrained(parameters.get(i));
        }
        tensors.keySet()
                .forEach(
                        key -> wanted[Integer.parseInt(key.substring(0, key.indexOf('.')))] = true);
        return wanted;
    }

    private @Nullable Tensor parameterOf(String key, int dot) {
        for (int i = 0; i < parameters.size(); i++) {
            if (dot > 0 && key.substring(0, dot).equals(Integer.toString(i))) {
                return parameters.get(i);
            }
        }
        return null;
    }
}
