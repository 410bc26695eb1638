package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/** Adagrad (Duchi et al., 2011) with PyTorch's formula and defaults: eps 1e-10, no decay. */
public final class Adagrad extends Optimizer {
    private double eps = 1e-10;
    private double weightDecay;

    /** With learning rate 1e-2. */
    public Adagrad(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public Adagrad(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Added to the denominator. */
    public Adagrad eps(double value) {
        nonNegative("eps", value);
        eps = value;
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public Adagrad weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    @Override
    void update(Run run) {
        run.update(
                Updates.ADAGRAD,
                List.of("sum"),
                lrNow(),
                StepValue.of(weightDecay),
                StepValue.of(eps));
    }
}
