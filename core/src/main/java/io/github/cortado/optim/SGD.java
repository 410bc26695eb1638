package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.DAMPENING;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.MOMENTUM;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/** Stochastic gradient descent with PyTorch's momentum, Nesterov momentum and weight decay. */
public final class SGD extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(MOMENTUM, 0.0, DAMPENING, 0.0, WEIGHT_DECAY, 0.0);

    private boolean nesterov;

    /** With learning rate 1e-3; plain gradient descent until more is asked for. */
    public SGD(List<Tensor> parameters) {
        this(parameters, 1e-3);
    }

    /** With another learning rate. */
    public SGD(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public SGD(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Momentum, 0 to below 1. */
    public SGD momentum(double value) {
        set(MOMENTUM, value);
        return this;
    }

    /** Share of the gradient kept out of the momentum. */
    public SGD dampening(double value) {
        set(DAMPENING, value);
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public SGD weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Looks ahead by one step of momentum. */
    public SGD nesterov() {
        nesterov = true;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public SGD maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        if (nesterov && (g.get(MOMENTUM) == 0 || g.get(DAMPENING) != 0)) {
            throw new IllegalStateException("SGD: Nesterov needs momentum and no dampening");
        }
        if (g.get(MOMENTUM) == 0) {
            run.update(Updates.SGD, List.of(), g.now(LR), g.now(WEIGHT_DECAY));
            return;
        }
        StepValue[] parameters = {
            g.now(LR), g.now(WEIGHT_DECAY), g.now(MOMENTUM), StepValue.of(1 - g.get(DAMPENING))
        };
        if (run.steps().get() == 1) {
            Formula first = nesterov ? Updates.NESTEROV_FIRST : Updates.SGD_FIRST;
            run.begin(first, List.of("momentum_buffer"), parameters);
        } else {
            Formula next = nesterov ? Updates.NESTEROV : Updates.SGD_MOMENTUM;
            run.update(next, List.of("momentum_buffer"), parameters);
        }
    }
}
