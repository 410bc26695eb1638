package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.Arrays;
import java.util.List;

/** RMSprop with PyTorch's formula and defaults: alpha 0.99, eps 1e-8, no momentum. */
public final class RMSprop extends Optimizer {
    private double alpha = 0.99;
    private double eps = 1e-8;
    private double weightDecay;
    private double momentum;

    /** With learning rate 1e-2. */
    public RMSprop(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public RMSprop(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Decay of the average of squared gradients, 0 to below 1. */
    public RMSprop alpha(double value) {
        fraction("alpha", value);
        alpha = value;
        return this;
    }

    /** Added to the denominator. */
    public RMSprop eps(double value) {
        nonNegative("eps", value);
        eps = value;
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public RMSprop weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    /** Momentum, 0 to below 1. */
    public RMSprop momentum(double value) {
        fraction("momentum", value);
        momentum = value;
        return this;
    }

    @Override
    void update(Run run) {
        StepValue[] common = {
            lrNow(), StepValue.of(weightDecay), StepValue.of(alpha), StepValue.of(eps)
        };
        if (momentum == 0) {
            run.update(Updates.RMSPROP, List.of("square_avg"), common);
        } else {
            StepValue[] all = Arrays.copyOf(common, 5);
            all[4] = StepValue.of(momentum);
            run.update(Updates.RMSPROP_MOMENTUM, List.of("square_avg", "momentum_buffer"), all);
        }
    }
}
