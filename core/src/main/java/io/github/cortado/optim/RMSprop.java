package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.ALPHA;
import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.MOMENTUM;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** RMSprop with PyTorch's formula and defaults: alpha 0.99, eps 1e-8, no momentum. */
public final class RMSprop extends Optimizer {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(ALPHA, 0.99, EPS, 1e-8, WEIGHT_DECAY, 0.0, MOMENTUM, 0.0);

    private boolean centered;

    /** With learning rate 1e-2. */
    public RMSprop(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public RMSprop(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public RMSprop(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Decay of the average of squared gradients, 0 to below 1. */
    public RMSprop alpha(double value) {
        set(ALPHA, value);
        return this;
    }

    /** Added to the denominator. */
    public RMSprop eps(double value) {
        set(EPS, value);
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public RMSprop weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Momentum, 0 to below 1. */
    public RMSprop momentum(double value) {
        set(MOMENTUM, value);
        return this;
    }

    /** Divides by the estimated deviation of gradients, not by the root of their mean square. */
    public RMSprop centered() {
        centered = true;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public RMSprop maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        List<String> names = new ArrayList<>(List.of("square_avg"));
        if (centered) {
            names.add("grad_avg");
        }
        StepValue[] common = {g.now(LR), g.now(WEIGHT_DECAY), g.now(ALPHA), g.now(EPS)};
        if (g.get(MOMENTUM) == 0) {
            run.update(centered ? Updates.RMSPROP_CENTERED : Updates.RMSPROP, names, common);
            return;
        }
        names.add("momentum_buffer");
        StepValue[] all = Arrays.copyOf(common, 5);
        all[4] = g.now(MOMENTUM);
        run.update(
                centered ? Updates.RMSPROP_CENTERED_MOMENTUM : Updates.RMSPROP_MOMENTUM,
                names,
                all);
    }
}
