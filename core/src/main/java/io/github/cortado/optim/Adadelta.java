package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.RHO;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/** Adadelta (Zeiler, arXiv 1212.5701) with PyTorch's formula and defaults: rho 0.9, eps 1e-6. */
public final class Adadelta extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(RHO, 0.9, EPS, 1e-6, WEIGHT_DECAY, 0.0);

    /** With learning rate 1.0. */
    public Adadelta(List<Tensor> parameters) {
        this(parameters, 1.0);
    }

    /** With another learning rate. */
    public Adadelta(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Adadelta(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Decay of both averages, 0 to below 1. */
    public Adadelta rho(double value) {
        set(RHO, value);
        return this;
    }

    /** Added to the averages. */
    public Adadelta eps(double value) {
        set(EPS, value);
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adadelta weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Adadelta maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        run.update(
                Updates.ADADELTA,
                List.of("square_avg", "acc_delta"),
                g.now(LR),
                g.now(WEIGHT_DECAY),
                g.now(RHO),
                g.now(EPS));
    }
}
