package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/** Adadelta (Zeiler, arXiv 1212.5701) with PyTorch's formula and defaults: rho 0.9, eps 1e-6. */
public final class Adadelta extends Optimizer {
    private double rho = 0.9;
    private double eps = 1e-6;
    private double weightDecay;

    /** With learning rate 1.0. */
    public Adadelta(List<Tensor> parameters) {
        this(parameters, 1.0);
    }

    /** With another learning rate. */
    public Adadelta(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Decay of both averages, 0 to below 1. */
    public Adadelta rho(double value) {
        fraction("rho", value);
        rho = value;
        return this;
    }

    /** Added to the averages. */
    public Adadelta eps(double value) {
        nonNegative("eps", value);
        eps = value;
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adadelta weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    @Override
    void update(Run run) {
        run.update(
                Updates.ADADELTA,
                List.of("square_avg", "acc_delta"),
                lrNow(),
                StepValue.of(weightDecay),
                StepValue.of(rho),
                StepValue.of(eps));
    }
}
