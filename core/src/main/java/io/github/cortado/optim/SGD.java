package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;

/** Stochastic gradient descent with PyTorch's momentum, Nesterov momentum and weight decay. */
public final class SGD extends Optimizer {
    private double momentum;
    private double dampening;
    private double weightDecay;
    private boolean nesterov;

    /** Plain gradient descent until more is asked for. */
    public SGD(List<Tensor> parameters, double lr) {
        super(parameters, lr);
    }

    /** Momentum, 0 to below 1. */
    public SGD momentum(double value) {
        fraction("momentum", value);
        momentum = value;
        return this;
    }

    /** Share of the gradient kept out of the momentum. */
    public SGD dampening(double value) {
        fraction("dampening", value);
        dampening = value;
        return this;
    }

    /** L2 penalty: this times the parameter is added to the gradient. */
    public SGD weightDecay(double value) {
        nonNegative("weight decay", value);
        weightDecay = value;
        return this;
    }

    /** Looks ahead by one step of momentum. */
    public SGD nesterov() {
        nesterov = true;
        return this;
    }

    @Override
    void update(Run run) {
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalStateException("SGD: Nesterov needs momentum and no dampening");
        }
        if (momentum == 0) {
            run.update(Updates.SGD, List.of(), lrNow(), StepValue.of(weightDecay));
            return;
        }
        StepValue[] parameters = {
            lrNow(), StepValue.of(weightDecay), StepValue.of(momentum), StepValue.of(1 - dampening)
        };
        if (run.steps().get() == 1) {
            Formula first = nesterov ? Updates.NESTEROV_FIRST : Updates.SGD_FIRST;
            run.begin(first, List.of("momentum_buffer"), parameters);
        } else {
            Formula next = nesterov ? Updates.NESTEROV : Updates.SGD_MOMENTUM;
            run.update(next, List.of("momentum_buffer"), parameters);
        }
    }
}
