package io.github.cortado.optim;

import io.github.cortado.backend.StepNumber.Computed;
import io.github.cortado.backend.StepNumber.Correction;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepNumber.Rate;
import io.github.cortado.backend.StepValue;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongToDoubleFunction;

/** A group's present settings: its own, and for the others the optimizer's. */
final class Group {
    private final Map<Setting, Rate> values = new EnumMap<>(Setting.class);
    private final Set<Setting> own = EnumSet.noneOf(Setting.class);
    private double initialLr = Double.NaN;

    /** What steps that a device has recorded must read anew. */
    private final Set<Setting> changing = EnumSet.of(Setting.LR);

    /**
     * A group of an optimizer that has these settings.
     *
     * @throws IllegalArgumentException if the group sets what the optimizer does not have
     */
    Group(String optimizer, int index, Map<Setting, Double> defaults, ParameterGroup group) {
        group.own()
                .forEach(
                        (setting, value) -> {
                            if (!defaults.containsKey(setting)) {
                                throw new IllegalArgumentException(
                                        optimizer
                                                + ": group "
                                                + index
                                                + " sets "
                                                + setting.text()
                                                + ", which "
                                                + optimizer
                                                + " does not have");
                            }
                        });
        defaults.forEach((setting, value) -> values.put(setting, new Rate(value)));
        group.own().forEach(this::set);
        own.addAll(group.own().keySet());
    }

    /** The present value. */
    double get(Setting setting) {
        return rate(setting).get();
    }

    private Rate rate(Setting setting) {
        Rate rate = values.get(setting);
        if (rate == null) {
            throw new AssertionError(setting);
        }
        return rate;
    }

    void set(Setting setting, double value) {
        rate(setting).set(value);
    }

    /** Sets it, unless the group has one of its own. */
    void setDefault(Setting setting, double value) {
        if (!own.contains(setting)) {
            set(setting, value);
        }
    }

    /** Says that the value will change while steps are recorded. */
    void changes(Setting setting) {
        changing.add(setting);
    }

    /** The rate before the first scheduler changed it: the present one, the first time. */
    double initialLr() {
        if (Double.isNaN(initialLr)) {
            initialLr = get(Setting.LR);
        }
        return initialLr;
    }

    /** Says what schedulers are to begin with. */
    void setInitialLr(double rate) {
        initialLr = rate;
    }

    /** The value as operations take it. */
    StepValue now(Setting setting) {
        Rate rate = rate(setting);
        return changing.contains(setting) ? rate.now() : StepValue.of(rate.get());
    }

    /** 1 - beta^t, t the value of a count. */
    StepValue correction(Setting beta, Count steps) {
        return new Correction(rate(beta), steps).now();
    }

    /** A function of the count and of this group's settings, which the host computes. */
    static StepValue computed(LongToDoubleFunction f, Count steps) {
        return new Computed(f, steps).now();
    }
}
