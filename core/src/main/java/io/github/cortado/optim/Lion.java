package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/**
 * Lion (Chen et al., arXiv 2302.06675), which moves every number by the learning rate: betas 0.9
 * and 0.99, decoupled weight decay of 0.
 */
public final class Lion extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.99;
    private double weightDecay;

    /** With learning rate 1e-4. */
    public Lion(List<Tensor> parameters) {
        this(parameters, 1e-4);
    }

    /** With another learning rate. */
    public Lion(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Weight decay, decoupled from the gradient. */
    public Lion weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    /** Share of the average in a step, and its decay, 0 to below 1. */
    public Lion betas(double first, double second) {
        fraction("beta1", first);
        fraction("beta2", second);
        beta1 = first;
        beta2 = second;
        return this;
    }

    @Override
    void update(Run run) {
        run.update(
                Updates.LION,
                List.of("exp_avg"),
                lrNow(),
                StepValue.of(weightDecay),
                StepValue.of(beta1),
                StepValue.of(beta2));
    }
}
