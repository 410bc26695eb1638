package io.github.cortado.optim;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.optim.FlatStorage.Member;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters along their gradients. At the first step the parameters move side by side into
 * one piece of memory, and their gradients and the optimizer's state into others like it, so that
 * one call of the backend updates all of them.
 *
 * <p>{@linkplain ParameterGroup Groups} of parameters may have settings of their own.
 *
 * <p>Parameters that need no gradient are frozen: they stay as and where they are, without weight
 * decay and momentum. Each step asks anew, so that one may be frozen or thawed between two.
 */
public abstract class Optimizer {
    private final Map<Setting, Double> defaults;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Count> steps = new ArrayList<>();
    private final List<Group> groupOf = new ArrayList<>();
    private final List<Carried> carried = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();
    private boolean maximize;
    private List<FlatStorage> storages = List.of();

    /**
     * An optimizer of these groups of parameters, some of which may be frozen.
     *
     * @param defaults the optimizer's settings but for the learning rate
     * @throws IllegalArgumentException if there are no parameters, one is the result of an
     *     operation, has no floating-point numbers or is given twice, a group sets what the
     *     optimizer does not have, or lr is not a number from 0 up
     */
    Optimizer(Map<Setting, Double> defaults, double lr, ParameterGroup... groups) {
        if (Arrays.stream(groups).allMatch(g -> g.parameters().isEmpty())) {
            throw new IllegalArgumentException(name() + ": there are no parameters to train");
        }
        this.defaults = new EnumMap<>(Setting.class);
        this.defaults.putAll(defaults);
        this.defaults.put(Setting.LR, lr);
        for (ParameterGroup group : groups) {
            add(group);
        }
        Setting.LR.checked(name(), lr);
    }

    /**
     * Adds a group, PyTorch's {@code add_param_group}, such as layers that are trained from now on.
     *
     * @throws IllegalArgumentException as the constructors do; nothing has been added then
     */
    public final void addGroup(ParameterGroup group) {
        add(group);
    }

    private void add(ParameterGroup group) {
        Map<Tensor, Group> known = new IdentityHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            known.put(parameters.get(i), groupOf.get(i));
        }
        Group own = new Group(name(), groups.size(), defaults, group);
        for (Tensor p : group.parameters()) {
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
            Group before = known.put(p, own);
            if (before != null) {
                throw new IllegalArgumentException(
                        name()
                                + ": the same parameter of shape "
                                + p.shape()
                                + (before == own
                                        ? " is given twice"
                                        : " is in groups "
                                                + groups.indexOf(before)
                                                + " and "
                                                + groups.size()));
            }
        }
        groups.add(own);
        for (Tensor p : group.parameters()) {
            parameters.add(p);
            steps.add(new Count());
            groupOf.add(own);
            if (carries() != null) {
                carried.add(carried(own));
            }
        }
    }

    /** PyTorch's name of a number that each parameter has as state; null if there is none. */
    @Nullable String carries() {
        return null;
    }

    /** That number, of a parameter in this group. */
    Carried carried(Group group) {
        throw new AssertionError(group);
    }

    final String name() {
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
                    Run run = run(storage, start, end);
                    Buffer.overwriting(weights(members, start, end), () -> update(run));
                }
            }
        }
    }

    private static List<Buffer> weights(List<Member> members, int start, int end) {
        return members.subList(start, end).stream().map(Member::weight).toList();
    }

    private Run run(FlatStorage storage, int start, int end) {
        List<Member> members = storage.members();
        int first = members.get(start).index();
        List<Carried> numbers = new ArrayList<>();
        if (carries() != null) {
            members.subList(start, end).forEach(m -> numbers.add(carried.get(m.index())));
        }
        return storage.run(start, end, steps.get(first), groupOf.get(first), numbers, maximize);
    }

    /**
     * Moves the parameters into flat storage, if they are not there or have left it. Frozen ones
     * are left alone: they would cost the memory of gradients and state, and lie between others.
     */
    private void arrange() {
        boolean[] stored = new boolean[steps.size()];
        storages.forEach(s -> s.members().forEach(m -> stored[m.index()] = true));
        boolean[] wanted = new boolean[steps.size()];
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

    /**
     * The end of the longest run from start on of a group with gradients and equal numbers of
     * updates.
     */
    private int endOfRun(List<Member> members, int start) {
        int end = start;
        while (end < members.size()
                && members.get(end).parameter().grad() != null
                && isTrained(members.get(end).parameter())
                && stepsOf(members, end) == stepsOf(members, start)
                && groupOf(members, end) == groupOf(members, start)
                && carriesTheSame(members, end, start)) {
            end++;
        }
        return end;
    }

    private long stepsOf(List<Member> members, int i) {
        return steps.get(members.get(i).index()).get();
    }

    private Group groupOf(List<Member> members, int i) {
        return groupOf.get(members.get(i).index());
    }

    private boolean carriesTheSame(List<Member> members, int i, int j) {
        return i == j
                || carries() == null
                || Double.compare(number(members.get(i).index()), number(members.get(j).index()))
                        == 0;
    }

    /** What a parameter carries after its last step. */
    private double number(int index) {
        return carried.get(index).get(steps.get(index).get());
    }

    private void prepare(Member m) {
        // Not null: the run of parameters ends before one without a gradient.
        Tensor g = Objects.requireNonNull(m.parameter().grad());
        if (!g.buffer().sharesMemoryWith(m.gradient())) {
            m.parameter().device().backend().copy(g.buffer(), m.gradient());
        }
        steps.get(m.index()).add(1);
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

    /** The parameters of all groups, in the order given. */
    public final List<Tensor> parameters() {
        return Collections.unmodifiableList(parameters);
    }

    /** The learning rate; of the first group, where there are several. */
    public final double lr() {
        return lrs()[0];
    }

    /** The learning rates of all groups, in their order. */
    public final double[] lrs() {
        return groups.stream().mapToDouble(g -> g.get(Setting.LR)).toArray();
    }

    /**
     * Sets the learning rate, of all groups.
     *
     * @throws IllegalArgumentException if it is not a number from 0 up
     */
    public final void setLr(double rate) {
        Setting.LR.checked(name(), rate);
        groups.forEach(g -> g.set(Setting.LR, rate));
    }

    /**
     * Sets the learning rates, one of each group.
     *
     * @throws IllegalArgumentException if there are not as many as groups, or one is not a number
     *     from 0 up; none has been set then
     */
    public final void setLrs(double... rates) {
        if (rates.length != groups.size()) {
            throw new IllegalArgumentException(
                    name()
                            + ": "
                            + rates.length
                            + " learning rates for "
                            + groups.size()
                            + " groups");
        }
        for (double rate : rates) {
            Setting.LR.checked(name(), rate);
        }
        for (int i = 0; i < rates.length; i++) {
            groups.get(i).set(Setting.LR, rates[i]);
        }
    }

    /** The groups, for schedulers. */
    final List<Group> groups() {
        return groups;
    }

    /** Whether the optimizer has that setting. */
    final boolean has(Setting setting) {
        return defaults.containsKey(setting);
    }

    /** Sets it for all groups that have none of their own. */
    final void set(Setting setting, double value) {
        setting.checked(name(), value);
        defaults.put(setting, value);
        groups.forEach(g -> g.setDefault(setting, value));
    }

    /** Sets both betas, or neither. */
    final void setBetas(double first, double second) {
        Setting.BETA1.checked(name(), first);
        Setting.BETA2.checked(name(), second);
        set(Setting.BETA1, first);
        set(Setting.BETA2, second);
    }

    /** Whether to go along the gradient, not against it. */
    final void setMaximize(boolean value) {
        maximize = value;
    }

    /**
     * State tensors of all parameters that were updated, under names such as {@code 3.exp_avg}, for
     * checkpoints. They are the optimizer's own and follow its updates, until {@link #loadState}
     * replaces them; but for numbers, such as {@code 3.mu_product}, which are copies.
     */
    public final Map<String, Tensor> stateTensors() {
        Map<Integer, Map<String, Tensor>> byIndex = new TreeMap<>();
        for (FlatStorage storage : storages) {
            for (Member m : storage.members()) {
                if (steps.get(m.index()).get() > 0) {
                    Map<String, Tensor> own = new LinkedHashMap<>();
                    storage.stateNames()
                            .forEach(
                                    name ->
                                            own.put(
                                                    m.index() + "." + name,
                                                    storage.state(name, m)));
                    String number = carries();
                    if (number != null) {
                        own.put(m.index() + "." + number, Tensor.scalar(number(m.index())));
                    }
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
        return steps.stream().mapToLong(Count::get).toArray();
    }

    /**
     * Sets what {@link #stateTensors} and {@link #stepCounts} returned. A number that is missing is
     * what the present settings make of the count.
     *
     * @throws IllegalArgumentException naming the entry that does not fit; nothing has been changed
     *     then
     */
    public final void loadState(Map<String, Tensor> tensors, long[] stepCounts) {
        if (stepCounts.length != steps.size()) {
            throw new IllegalArgumentException(
                    name() + ": state of " + stepCounts.length + " parameters for " + steps.size());
        }
        for (long count : stepCounts) {
            if (count < 0) {
                throw new IllegalArgumentException(name() + ": step count " + count);
            }
        }
        tensors.forEach(
                (key, value) -> {
                    @Nullable Tensor w = parameterOf(key, key.indexOf('.'));
                    if (w == null
                            || !(isNumber(key) ? Shape.of() : w.shape()).equals(value.shape())) {
                        throw new IllegalArgumentException(
                                name() + ": state " + key + " " + value.shape() + " does not fit");
                    }
                });
        // The values may be views of the state that is replaced here.
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((key, value) -> copies.put(key, value.copy()));
        storages = FlatStorage.of(parameters, withState(copies, stepCounts), storages);
        carried.forEach(Carried::clear);
        copies.forEach(
                (key, value) -> {
                    int dot = key.indexOf('.');
                    if (isNumber(key)) {
                        int index = Integer.parseInt(key.substring(0, dot));
                        carried.get(index).set(stepCounts[index], value.item());
                        return;
                    }
                    state(Integer.parseInt(key.substring(0, dot)), key.substring(dot + 1))
                            .copyFrom(value);
                });
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).set(stepCounts[i]);
        }
    }

    private boolean isNumber(String key) {
        return key.substring(key.indexOf('.') + 1).equals(carries());
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
