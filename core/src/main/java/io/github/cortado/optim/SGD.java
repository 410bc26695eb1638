package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.SgdSpec;
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
        boolean first = run.steps().get() == 1;
        run.backend()
                .sgd(
                        run.weights(),
                        run.gradients(),
                        momentum == 0 ? null : run.state("momentum_buffer"),
                        new SgdSpec(lrNow(), momentum, dampening, weightDecay, nesterov, first));
    }
}
