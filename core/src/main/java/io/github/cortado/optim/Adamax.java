package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.BETA1;
import static io.github.cortado.optim.Setting.BETA2;
import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * Adamax (Kingma and Ba, arXiv 1412.6980) with PyTorch's formula and defaults: betas 0.9 and 0.999,
 * eps 1e-8.
 */
public final class Adamax extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(BETA1, 0.9, BETA2, 0.999, EPS, 1e-8, WEIGHT_DECAY, 0.0);

    /** With learning rate 2e-3. */
    public Adamax(List<Tensor> parameters) {
        this(parameters, 2e-3);
    }

    /** With another learning rate. */
    public Adamax(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Adamax(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Added to the size of a gradient. */
    public Adamax eps(double value) {
        set(EPS, value);
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adamax weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Decay of the averages of gradients and of their sizes, 0 to below 1. */
    public Adamax betas(double first, double second) {
        setBetas(first, second);
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Adamax maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        run.update(
                Updates.ADAMAX,
                List.of("exp_avg", "exp_inf"),
                g.now(LR),
                g.now(WEIGHT_DECAY),
                g.now(BETA1),
                g.now(BETA2),
                g.now(EPS),
                g.correction(BETA1, run.steps()));
    }
}
