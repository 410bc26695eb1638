package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/**
 * Adam (Kingma and Ba, arXiv 1412.6980) with PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no
 * weight decay. The bias corrections are computed in double.
 */
public sealed class Adam extends Optimizer permits AdamW {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private double weightDecay;

    /** With learning rate 1e-3. */
    public Adam(List<Tensor> parameters) {
        this(parameters, 1e-3);
    }

    /** With another learning rate. */
    public Adam(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Decay of the averages of gradients and squared gradients, 0 to below 1. */
    public Adam betas(double first, double second) {
        fraction("beta1", first);
        fraction("beta2", second);
        beta1 = first;
        beta2 = second;
        return this;
    }

    /** Added to the denominator. */
    public Adam eps(double value) {
        nonNegative("eps", value);
        eps = value;
        return this;
    }

    /** Weight decay, by the gradient in Adam, decoupled from it in AdamW. */
    public Adam weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    /** The update's formula. */
    Formula formula() {
        return Updates.ADAM;
    }

    @Override
    void update(Run run) {
        run.update(
                formula(),
                List.of("exp_avg", "exp_avg_sq"),
                lrNow(),
                StepValue.of(weightDecay),
                StepValue.of(beta1),
                StepValue.of(beta2),
                StepValue.of(eps),
                new Correction(beta1, run.steps()).now(),
                new Correction(beta2, run.steps()).now());
    }
}
