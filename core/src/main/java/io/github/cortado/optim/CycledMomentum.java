package io.github.cortado.optim;

import java.util.List;

/** The momentum that goes down while the rate goes up: beta1 where an optimizer has one. */
final class CycledMomentum {
    private final List<Group> groups;
    private final Setting setting;

    /**
     * Of an optimizer that has a momentum.
     *
     * @throws IllegalArgumentException if it has none
     */
    CycledMomentum(LRScheduler owner, Optimizer optimizer) {
        if (!optimizer.has(Setting.BETA1) && !optimizer.has(Setting.MOMENTUM)) {
            throw new IllegalArgumentException(
                    owner.name()
                            + ": "
                            + optimizer.name()
                            + " has no momentum; say that it is not to be cycled");
        }
        groups = optimizer.groups();
        setting = optimizer.has(Setting.BETA1) ? Setting.BETA1 : Setting.MOMENTUM;
        groups.forEach(g -> g.changes(setting));
    }

    void set(String owner, double value) {
        setting.checked(owner, value);
        groups.forEach(g -> g.set(setting, value));
    }
}
