package io.github.cortado.optim;

import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters along their gradients. State that an optimizer keeps for a parameter is made
 * at that parameter's first step, on the parameter's device.
 */
public abstract class Optimizer {
    private final List<Tensor> parameters;
    private final List<Map<String, Tensor>> state = new ArrayList<>();
    private final long[] steps;
    private double lr;

    /**
     * An optimizer of these parameters.
     *
     * @throws IllegalArgumentException if there are none, one needs no gradient or is given twice,
     *     or lr is not a number from 0 up
     */
    protected Optimizer(List<Tensor> parameters, double lr) {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(name() + ": there are no parameters to train");
        }
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Tensor p : parameters) {
            if (!p.requiresGrad() || p.node() != null) {
                throw new IllegalArgumentException(
                        name() + ": a tensor of shape " + p.shape() + " is not a parameter");
            }
            if (!seen.add(p)) {
                throw new IllegalArgumentException(
                        name() + ": the same parameter of shape " + p.shape() + " is given twice");
            }
            state.add(new LinkedHashMap<>());
        }
        this.parameters = List.copyOf(parameters);
        this.steps = new long[parameters.size()];
        setLr(lr);
    }

    private String name() {
        return getClass().getSimpleName();
    }

    /** Updates every parameter that has a gradient. */
    public final void step() {
        for (int i = 0; i < parameters.size(); i++) {
            Tensor w = parameters.get(i);
            Tensor g = w.grad();
            if (g != null) {
                steps[i]++;
                update(w, g, i);
                w.buffer().written();
            }
        }
    }

    /** Updates one parameter in place. */
    abstract void update(Tensor w, Tensor g, int index);

    /** How many updates parameter {@code index} has had, this one included. */
    final long stepsOf(int index) {
        return steps[index];
    }

    /** The state tensor of that name for a parameter: zeros of its shape at first. */
    final Tensor state(int index, String name) {
        Tensor w = parameters.get(index);
        Tensor s = state.get(index).computeIfAbsent(name, n -> w.sibling(w.shape()));
        return s.move(w.device(), w.dtype());
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
        return lr;
    }

    /**
     * Sets the learning rate.
     *
     * @throws IllegalArgumentException if it is not a number from 0 up
     */
    public final void setLr(double rate) {
        nonNegative("learning rate", rate);
        lr = rate;
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

    /** State tensors of all parameters under names such as {@code 3.exp_avg}, for checkpoints. */
    public final Map<String, Tensor> stateTensors() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < state.size(); i++) {
            String prefix = i + ".";
            state.get(i).forEach((name, t) -> all.put(prefix + name, t));
        }
        return all;
    }

    /** Number of updates of each parameter, for checkpoints. */
    public final long[] stepCounts() {
        return steps.clone();
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
        List<Map<String, Tensor>> loaded = new ArrayList<>();
        parameters.forEach(p -> loaded.add(new LinkedHashMap<>()));
        tensors.forEach(
                (key, value) -> {
                    int dot = key.indexOf('.');
                    @Nullable Tensor w = parameterOf(key, dot);
                    if (w == null || !w.shape().equals(value.shape())) {
                        throw new IllegalArgumentException(
                                name() + ": state " + key + " " + value.shape() + " does not fit");
                    }
                    loaded.get(Integer.parseInt(key.substring(0, dot)))
                            .put(key.substring(dot + 1), value.copy().move(w.device(), w.dtype()));
                });
        for (int i = 0; i < steps.length; i++) {
            state.get(i).clear();
            state.get(i).putAll(loaded.get(i));
            steps[i] = stepCounts[i];
        }
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
