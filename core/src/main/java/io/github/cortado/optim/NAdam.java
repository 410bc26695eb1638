package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.BETA1;
import static io.github.cortado.optim.Setting.BETA2;
import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.MOMENTUM_DECAY;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * NAdam (Dozat, 2016), Adam with Nesterov momentum, with PyTorch's formula and defaults: betas 0.9
 * and 0.999, eps 1e-8, no weight decay, momentum decay 4e-3.
 */
public final class NAdam extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(BETA1, 0.9, BETA2, 0.999, EPS, 1e-8, WEIGHT_DECAY, 0.0, MOMENTUM_DECAY, 4e-3);

    private boolean decoupled;

    /** With learning rate 2e-3. */
    public NAdam(List<Tensor> parameters) {
        this(parameters, 2e-3);
    }

    /** With another learning rate. */
    public NAdam(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public NAdam(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Decay of the averages of gradients and squared gradients, 0 to below 1. */
    public NAdam betas(double first, double second) {
        setBetas(first, second);
        return this;
    }

    /** Added to the denominator. */
    public NAdam eps(double value) {
        set(EPS, value);
        return this;
    }

    /** Weight decay, by the gradient unless decoupled. */
    public NAdam weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** How fast the momentum grows to beta1. */
    public NAdam momentumDecay(double value) {
        set(MOMENTUM_DECAY, value);
        return this;
    }

    /** Weight decay decoupled from the gradient, as in AdamW. */
    public NAdam decoupledWeightDecay() {
        decoupled = true;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public NAdam maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        StepValue none = StepValue.of(0.0);
        run.update(
                Updates.NADAM,
                List.of("exp_avg", "exp_avg_sq"),
                g.now(LR),
                decoupled ? none : g.now(WEIGHT_DECAY),
                decoupled ? g.now(WEIGHT_DECAY) : none,
                g.now(BETA1),
                g.now(BETA2),
                g.now(EPS),
                Group.computed(t -> (1 - momentum(g, t)) / (1 - product(run, t)), run.steps()),
                Group.computed(
                        t -> momentum(g, t + 1) / (1 - product(run, t) * momentum(g, t + 1)),
                        run.steps()),
                g.correction(BETA2, run.steps()));
    }

    @Override
    String carries() {
        return "mu_product";
    }

    @Override
    Carried carried(Group g) {
        return new Carried(t -> product(g, t), (product, t) -> product * momentum(g, t));
    }

    /** The product of the momenta to step t, as they were. */
    private static double product(Run run, long t) {
        return Carried.after(run.carried(), t);
    }

    /** The momentum of step t. */
    private static double momentum(Group g, long t) {
        return g.get(BETA1) * (1 - 0.5 * StrictMath.pow(0.96, t * g.get(MOMENTUM_DECAY)));
    }

    /**
     * The product of all momenta to step t by the present beta1, or what 1 minus it cannot tell
     * from it.
     */
    private static double product(Group g, long t) {
        double product = 1;
        for (long k = 1; k <= t && product > 1e-20; k++) {
            product *= momentum(g, k);
        }
        return product;
    }
}
