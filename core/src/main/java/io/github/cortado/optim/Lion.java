package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.BETA1;
import static io.github.cortado.optim.Setting.BETA2;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * Lion (Chen et al., arXiv 2302.06675), which moves every number by the learning rate: betas 0.9
 * and 0.99, decoupled weight decay of 0.
 */
public final class Lion extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(BETA1, 0.9, BETA2, 0.99, WEIGHT_DECAY, 0.0);

    /** With learning rate 1e-4. */
    public Lion(List<Tensor> parameters) {
        this(parameters, 1e-4);
    }

    /** With another learning rate. */
    public Lion(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Lion(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Weight decay, decoupled from the gradient. */
    public Lion weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Share of the average in a step, and its decay, 0 to below 1. */
    public Lion betas(double first, double second) {
        setBetas(first, second);
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Lion maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        run.update(
                Updates.LION,
                List.of("exp_avg"),
                g.now(LR),
                g.now(WEIGHT_DECAY),
                g.now(BETA1),
                g.now(BETA2));
    }
}
