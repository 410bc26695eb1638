package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/**
 * Adamax (Kingma and Ba, arXiv 1412.6980) with PyTorch's formula and defaults: betas 0.9 and 0.999,
 * eps 1e-8.
 */
public final class Adamax extends Optimizer {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private double weightDecay;

    /** With learning rate 2e-3. */
    public Adamax(List<Tensor> parameters) {
        this(parameters, 2e-3);
    }

    /** With another learning rate. */
    public Adamax(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Added to the size of a gradient. */
    public Adamax eps(double value) {
        nonNegative("eps", value);
        eps = value;
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adamax weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    /** Decay of the averages of gradients and of their sizes, 0 to below 1. */
    public Adamax betas(double first, double second) {
        fraction("beta1", first);
        fraction("beta2", second);
        beta1 = first;
        beta2 = second;
        return this;
    }

    @Override
    void update(Run run) {
        run.update(
                Updates.ADAMAX,
                List.of("exp_avg", "exp_inf"),
                lrNow(),
                StepValue.of(weightDecay),
                StepValue.of(beta1),
                StepValue.of(beta2),
                StepValue.of(eps),
                new Correction(beta1, run.steps()).now());
    }
}
