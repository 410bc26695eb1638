package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.LR_DECAY;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/** Adagrad (Duchi et al., 2011) with PyTorch's formula and defaults: eps 1e-10, no decay. */
public final class Adagrad extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(EPS, 1e-10, WEIGHT_DECAY, 0.0, LR_DECAY, 0.0);

    /** With learning rate 1e-2. */
    public Adagrad(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public Adagrad(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Adagrad(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Added to the denominator. */
    public Adagrad eps(double value) {
        set(EPS, value);
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adagrad weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Divides the learning rate of step t by 1 + (t - 1) times this. */
    public Adagrad lrDecay(double value) {
        set(LR_DECAY, value);
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Adagrad maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        StepValue lr =
                g.get(LR_DECAY) == 0
                        ? g.now(LR)
                        : Group.computed(
                                t -> g.get(LR) / (1 + (t - 1) * g.get(LR_DECAY)), run.steps());
        run.update(Updates.ADAGRAD, List.of("sum"), lr, g.now(WEIGHT_DECAY), g.now(EPS));
    }
}
