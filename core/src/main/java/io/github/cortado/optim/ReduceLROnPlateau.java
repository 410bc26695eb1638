package io.github.cortado.optim;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Multiplies the rates by a factor, 0.1, once a number such as the validation loss has not become
 * better for more than so many epochs, 10. Better is less than (1 - 0.0001) times the best so far;
 * other rules by name, as in PyTorch.
 */
public final class ReduceLROnPlateau {
    private final Optimizer optimizer;
    private double factor = 0.1;
    private int patience = 10;
    private double threshold = 1e-4;
    private boolean isMax;
    private boolean isAbsolute;
    private int cooldown;
    private double[] minLrs = {0};
    private double eps = 1e-8;
    private double best = Double.POSITIVE_INFINITY;
    private int badEpochs;
    private int coolingDown;

    /** Waits for the least number. */
    public ReduceLROnPlateau(Optimizer optimizer) {
        this.optimizer = optimizer;
    }

    /** Waits for the greatest number, PyTorch's {@code mode='max'}. */
    public ReduceLROnPlateau max() {
        isMax = true;
        best = Double.NEGATIVE_INFINITY;
        return this;
    }

    /**
     * What rates are multiplied by.
     *
     * @throws IllegalArgumentException unless it is from 0 to below 1
     */
    public ReduceLROnPlateau factor(double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(
                    "ReduceLROnPlateau: factor must be from 0 to below 1, got " + value);
        }
        factor = value;
        return this;
    }

    /** How many epochs without a better number pass before the next reduces the rates. */
    public ReduceLROnPlateau patience(int epochs) {
        patience = epochs;
        return this;
    }

    /** By what share of the best number a better one is better. */
    public ReduceLROnPlateau threshold(double value) {
        threshold = value;
        isAbsolute = false;
        return this;
    }

    /** By how much a better number is better, PyTorch's {@code threshold_mode='abs'}. */
    public ReduceLROnPlateau absoluteThreshold(double value) {
        threshold = value;
        isAbsolute = true;
        return this;
    }

    /** How many epochs are not counted after the rates were reduced. */
    public ReduceLROnPlateau cooldown(int epochs) {
        cooldown = epochs;
        return this;
    }

    /**
     * The least rate, one for all groups or one for each.
     *
     * @throws IllegalArgumentException if there are another number of them
     */
    public ReduceLROnPlateau minLrs(double... rates) {
        int groups = optimizer.groups().size();
        if (rates.length != 1 && rates.length != groups) {
            throw new IllegalArgumentException(
                    "ReduceLROnPlateau: expected one least rate or one for each of the groups, "
                            + groups
                            + ", got "
                            + rates.length);
        }
        minLrs = rates.clone();
        return this;
    }

    /** A rate stays where the change would be no more than this. */
    public ReduceLROnPlateau eps(double value) {
        eps = value;
        return this;
    }

    /** Takes the number of this epoch. */
    public void step(double metric) {
        if (isBetter(metric)) {
            best = metric;
            badEpochs = 0;
        } else {
            badEpochs++;
        }
        if (coolingDown > 0) {
            coolingDown--;
            badEpochs = 0;
        }
        if (badEpochs > patience) {
            reduce();
            coolingDown = cooldown;
            badEpochs = 0;
        }
    }

    private boolean isBetter(double metric) {
        if (isMax) {
            return metric > (isAbsolute ? best + threshold : best * (1 + threshold));
        }
        return metric < (isAbsolute ? best - threshold : best * (1 - threshold));
    }

    private void reduce() {
        double[] rates = optimizer.lrs();
        for (int i = 0; i < rates.length; i++) {
            double least = minLrs[minLrs.length == 1 ? 0 : i];
            double next = Math.max(rates[i] * factor, least);
            rates[i] = rates[i] - next > eps ? next : rates[i];
        }
        optimizer.setLrs(rates);
    }

    /** The optimizer's present rates, one of each group. */
    public double[] lastLrs() {
        return optimizer.lrs();
    }

    /** What {@link #loadState} takes to go on from here, to the last bit. */
    public Map<String, String> state() {
        Map<String, String> state = new LinkedHashMap<>();
        state.put("best", LRScheduler.text(best));
        state.put("num_bad_epochs", Integer.toString(badEpochs));
        state.put("cooldown_counter", Integer.toString(coolingDown));
        state.put("lrs", LRScheduler.text(optimizer.lrs()));
        return state;
    }

    /**
     * Sets what {@link #state} returned, and the optimizer's rates.
     *
     * @throws IllegalArgumentException naming the entry that is missing or does not fit
     */
    public void loadState(Map<String, String> state) {
        String name = "ReduceLROnPlateau";
        double[] rates = LRScheduler.numbers(name, state, "lrs", optimizer.lrs().length);
        double[] counts =
                Arrays.stream(new String[] {"best", "num_bad_epochs", "cooldown_counter"})
                        .mapToDouble(key -> LRScheduler.numbers(name, state, key, 1)[0])
                        .toArray();
        optimizer.setLrs(rates);
        best = counts[0];
        badEpochs = (int) counts[1];
        coolingDown = (int) counts[2];
    }
}
