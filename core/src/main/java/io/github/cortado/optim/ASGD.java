package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.ALPHA;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * Averaged gradient descent (Polyak and Juditsky, 1992) with PyTorch's formula and defaults: lambd
 * 1e-4, alpha 0.75, t0 1e6. The averages are the state {@code ax}. As in PyTorch each step makes
 * the rate of the next one, {@code eta}: a learning rate that is set is felt from the step after
 * the next one on.
 */
public final class ASGD extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS = Map.of(ALPHA, 0.75, WEIGHT_DECAY, 0.0);

    private double lambd = 1e-4;
    private double t0 = 1e6;

    /** With learning rate 1e-2. */
    public ASGD(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public ASGD(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public ASGD(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /**
     * How fast weights and the rate decay.
     *
     * @throws IllegalArgumentException if it is not a number from 0 up
     */
    public ASGD lambd(double value) {
        lambd = notNegative("lambd", value);
        return this;
    }

    /** The power of the rate's decay, 0 to below 1. */
    public ASGD alpha(double value) {
        set(ALPHA, value);
        return this;
    }

    /**
     * The step from which on weights are averaged.
     *
     * @throws IllegalArgumentException if it is not a number from 0 up
     */
    public ASGD t0(double value) {
        t0 = notNegative("t0", value);
        return this;
    }

    private static double notNegative(String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "ASGD: " + what + " must be a number from 0 up, got " + value);
        }
        return value;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public ASGD weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public ASGD maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        run.update(
                Updates.ASGD,
                List.of("ax"),
                Group.computed(t -> rate(run, t), run.steps()),
                g.now(WEIGHT_DECAY),
                Group.computed(t -> 1 - lambd * rate(run, t), run.steps()),
                Group.computed(t -> 1 / Math.max(1, t - 1 - t0), run.steps()));
    }

    @Override
    String carries() {
        return "eta";
    }

    @Override
    Carried carried(Group g) {
        return new Carried(t -> next(g, t), (eta, t) -> next(g, t));
    }

    /** The rate of step t, which the step before has made. */
    private static double rate(Run run, long t) {
        Carried.after(run.carried(), t);
        return run.carried().get(0).get(t - 1);
    }

    /** The rate of the step after step t. */
    private double next(Group g, long t) {
        double lr = g.get(LR);
        return lr / StrictMath.pow(1 + lambd * lr * t, g.get(ALPHA));
    }
}
