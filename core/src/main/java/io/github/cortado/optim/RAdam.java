package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.BETA1;
import static io.github.cortado.optim.Setting.BETA2;
import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * RAdam (Liu et al., arXiv 1908.03265), Adam whose first steps are those of momentum until the
 * variance is known, with PyTorch's formula and defaults: betas 0.9 and 0.999, eps 1e-8, no weight
 * decay.
 */
public final class RAdam extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(BETA1, 0.9, BETA2, 0.999, EPS, 1e-8, WEIGHT_DECAY, 0.0);

    private boolean decoupled;

    /** With learning rate 1e-3. */
    public RAdam(List<Tensor> parameters) {
        this(parameters, 1e-3);
    }

    /** With another learning rate. */
    public RAdam(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public RAdam(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Decay of the averages of gradients and squared gradients, 0 to below 1. */
    public RAdam betas(double first, double second) {
        setBetas(first, second);
        return this;
    }

    /** Added to the denominator. */
    public RAdam eps(double value) {
        set(EPS, value);
        return this;
    }

    /** Weight decay, by the gradient unless decoupled. */
    public RAdam weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Weight decay decoupled from the gradient, as in AdamW. */
    public RAdam decoupledWeightDecay() {
        decoupled = true;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public RAdam maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        StepValue none = StepValue.of(0.0);
        run.update(
                Updates.RADAM,
                List.of("exp_avg", "exp_avg_sq"),
                g.now(LR),
                decoupled ? none : g.now(WEIGHT_DECAY),
                decoupled ? g.now(WEIGHT_DECAY) : none,
                g.now(BETA1),
                g.now(BETA2),
                g.now(EPS),
                g.correction(BETA1, run.steps()),
                Group.computed(t -> rectification(g.get(BETA2), t), run.steps()));
    }

    /** Section 3 of the paper, times sqrt(1 - beta2^t); 0 where the length is at most 5. */
    private static double rectification(double beta2, long t) {
        double power = Correction.power(beta2, t);
        double most = 2 / (1 - beta2) - 1;
        double length = most - 2 * t * power / (1 - power);
        if (!(length > 5)) {
            return 0;
        }
        double square = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
        return Math.sqrt(square) * Math.sqrt(1 - power);
    }
}
