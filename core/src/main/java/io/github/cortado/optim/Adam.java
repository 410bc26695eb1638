package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.AdamSpec;
import io.github.cortado.backend.StepNumber.Correction;
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

    /** Whether weight decay is decoupled from the gradient. */
    boolean decoupled() {
        return false;
    }

    @Override
    void update(Run run) {
        run.backend()
                .adam(
                        run.weights(),
                        run.gradients(),
                        run.state("exp_avg"),
                        run.state("exp_avg_sq"),
                        new AdamSpec(
                                lrNow(),
                                beta1,
                                beta2,
                                eps,
                                weightDecay,
                                decoupled(),
                                new Correction(beta1, run.steps()).now(),
                                new Correction(beta2, run.steps()).now()));
    }
}
