package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.BETA1;
import static io.github.cortado.optim.Setting.BETA2;
import static io.github.cortado.optim.Setting.EPS;
import static io.github.cortado.optim.Setting.LR;
import static io.github.cortado.optim.Setting.WEIGHT_DECAY;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, arXiv 1412.6980) with PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no
 * weight decay. The bias corrections are computed in double.
 */
public sealed class Adam extends Optimizer permits AdamW {
    private static final Map<Setting, Double> DEFAULTS =
            Map.of(BETA1, 0.9, BETA2, 0.999, EPS, 1e-8, WEIGHT_DECAY, 0.0);

    private boolean amsgrad;

    /** With learning rate 1e-3. */
    public Adam(List<Tensor> parameters) {
        this(parameters, 1e-3);
    }

    /** With another learning rate. */
    public Adam(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Adam(double lr, ParameterGroup... groups) {
        super(DEFAULTS, lr, groups);
    }

    /** Decay of the averages of gradients and squared gradients, 0 to below 1. */
    public Adam betas(double first, double second) {
        setBetas(first, second);
        return this;
    }

    /** Added to the denominator. */
    public Adam eps(double value) {
        set(EPS, value);
        return this;
    }

    /** Weight decay, by the gradient in Adam, decoupled from it in AdamW. */
    public Adam weightDecay(double value) {
        set(WEIGHT_DECAY, value);
        return this;
    }

    /** Divides by the largest average of squared gradients so far (Reddi et al., 2018). */
    public Adam amsgrad() {
        amsgrad = true;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Adam maximize() {
        setMaximize(true);
        return this;
    }

    /** The update's formula. */
    Formula formula(boolean withLargest) {
        return withLargest ? Updates.ADAM_AMSGRAD : Updates.ADAM;
    }

    @Override
    void update(Run run) {
        Group g = run.group();
        run.update(
                formula(amsgrad),
                amsgrad
                        ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                        : List.of("exp_avg", "exp_avg_sq"),
                g.now(LR),
                g.now(WEIGHT_DECAY),
                g.now(BETA1),
                g.now(BETA2),
                g.now(EPS),
                g.correction(BETA1, run.steps()),
                g.correction(BETA2, run.steps()));
    }
}
