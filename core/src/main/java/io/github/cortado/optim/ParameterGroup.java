package io.github.cortado.optim;

import io.github.cortado.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters that an optimizer updates with settings of their own; what a group does not set it has
 * from the optimizer. Biases without weight decay, and the rest at a tenth of the rate:
 *
 * <pre>{@code
 * new AdamW(
 *         1e-3,
 *         new ParameterGroup(biases).weightDecay(0),
 *         new ParameterGroup(weights).lr(1e-4))
 * }</pre>
 */
public final class ParameterGroup {
    private final List<Tensor> parameters;
    private final Map<Setting, Double> own = new EnumMap<>(Setting.class);

    /** These parameters, with the optimizer's settings until others are given. */
    public ParameterGroup(List<Tensor> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    /** The group's learning rate, from 0 up. */
    public ParameterGroup lr(double value) {
        return set(Setting.LR, value);
    }

    /** Weight decay, from 0 up; whether by the gradient is the optimizer's matter. */
    public ParameterGroup weightDecay(double value) {
        return set(Setting.WEIGHT_DECAY, value);
    }

    /** Momentum, 0 to below 1. */
    public ParameterGroup momentum(double value) {
        return set(Setting.MOMENTUM, value);
    }

    /** Share of the gradient kept out of the momentum, 0 to below 1. */
    public ParameterGroup dampening(double value) {
        return set(Setting.DAMPENING, value);
    }

    /** Decay of the averages of gradients and squared gradients, 0 to below 1. */
    public ParameterGroup betas(double first, double second) {
        Setting.BETA2.checked("ParameterGroup", second);
        return set(Setting.BETA1, first).set(Setting.BETA2, second);
    }

    /** What is added to a denominator, from 0 up. */
    public ParameterGroup eps(double value) {
        return set(Setting.EPS, value);
    }

    /** RMSprop's decay of the average of squared gradients, 0 to below 1. */
    public ParameterGroup alpha(double value) {
        return set(Setting.ALPHA, value);
    }

    /** Adadelta's decay of both averages, 0 to below 1. */
    public ParameterGroup rho(double value) {
        return set(Setting.RHO, value);
    }

    private ParameterGroup set(Setting setting, double value) {
        own.put(setting, setting.checked("ParameterGroup", value));
        return this;
    }

    /** The parameters, in the order given. */
    public List<Tensor> parameters() {
        return parameters;
    }

    /** What the group sets itself. */
    Map<Setting, Double> own() {
        return own;
    }
}
