package io.github.cortado.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** A scheduler that has a rule of its own: from the rates of the last epoch to those of this. */
abstract class Schedule extends LRScheduler {
    private double[] base;
    private int epoch = -1;
    private boolean isInitial;

    Schedule(Optimizer optimizer) {
        super(optimizer);
        base = optimizer.groups().stream().mapToDouble(Group::initialLr).toArray();
    }

    /** The rate of a group in {@link #epoch}. */
    abstract double next(int group);

    /** The same as a function of the epoch and of the first rate, where there is one. */
    double closed(int group) {
        return next(group);
    }

    /** Sets the rates of epoch 0. */
    final void begin() {
        epoch = -1;
        isInitial = true;
        try {
            step();
        } finally {
            isInitial = false;
        }
    }

    @Override
    public final void step() {
        epoch++;
        set(this::next);
    }

    /** Begins anew behind another scheduler. */
    final void restart() {
        epoch = 0;
        set(this::closed);
    }

    /** Takes the first step back, as if this had not been made. */
    final void undo() {
        epoch--;
    }

    private void set(IntToDoubleFunction f) {
        double[] rates = new double[base.length];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = f.applyAsDouble(i);
        }
        optimizer().setLrs(rates);
        epochChanged();
    }

    /** For what is set besides the rates. */
    void epochChanged() {}

    /** Steps since the first rates were set. */
    final int epoch() {
        return epoch;
    }

    /** Whether the first rates are set by the constructor. */
    final boolean isInitial() {
        return isInitial;
    }

    /** The group's present rate. */
    final double lr(int group) {
        return optimizer().groups().get(group).get(Setting.LR);
    }

    /** The group's rate before any scheduler changed it. */
    final double base(int group) {
        return base[group];
    }

    /** Has the group begin with another rate. */
    final void setBase(int group, double rate) {
        base[group] = rate;
        optimizer().groups().get(group).setInitialLr(rate);
    }

    /** One number for all groups, or one for each. */
    final double[] perGroup(String what, double... numbers) {
        int groups = optimizer().groups().size();
        if (numbers.length != groups && numbers.length != 1) {
            throw wrong("one " + what + " or one for each of the groups,", groups, numbers.length);
        }
        double[] all = new double[groups];
        for (int i = 0; i < groups; i++) {
            all[i] = numbers[numbers.length == 1 ? 0 : i];
        }
        return all;
    }

    @Override
    public final Map<String, String> state() {
        Map<String, String> state = new LinkedHashMap<>();
        state.put("last_epoch", Integer.toString(epoch));
        state.put("base_lrs", text(base));
        state.put("lrs", text(lastLrs()));
        return state;
    }

    @Override
    public final void loadState(Map<String, String> state) {
        double last = numbers(name(), state, "last_epoch", 1)[0];
        if (!(last >= -1 && last <= Integer.MAX_VALUE && last == Math.rint(last))) {
            throw new IllegalArgumentException(
                    name() + ": state 'last_epoch' is " + state.get("last_epoch"));
        }
        double[] first = numbers(name(), state, "base_lrs", base.length);
        optimizer().setLrs(numbers(name(), state, "lrs", base.length));
        for (int i = 0; i < first.length; i++) {
            setBase(i, first[i]);
        }
        epoch = (int) last;
        epochChanged();
    }
}
