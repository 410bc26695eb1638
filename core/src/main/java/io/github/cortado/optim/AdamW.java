package io.github.cortado.optim;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), 0.01 as in PyTorch.
 */
public final class AdamW extends Adam {
    /** With learning rate 1e-3. */
    public AdamW(List<Tensor> parameters) {
        this(parameters, 1e-3);
    }

    /** With another learning rate. */
    public AdamW(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public AdamW(double lr, ParameterGroup... groups) {
        super(lr, groups);
        weightDecay(0.01);
    }

    @Override
    Formula formula(boolean withLargest) {
        return withLargest ? Updates.ADAMW_AMSGRAD : Updates.ADAMW;
    }
}
