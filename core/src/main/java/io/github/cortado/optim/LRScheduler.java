package io.github.cortado.optim;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Changes an optimizer's learning rates from epoch to epoch, or from step to step, as PyTorch's
 * schedulers do: the first rates are set where one is made, the next by {@link #step}, after the
 * optimizer's.
 */
public abstract class LRScheduler {
    private final Optimizer optimizer;

    LRScheduler(Optimizer optimizer) {
        this.optimizer = optimizer;
    }

    /** Sets the rates of the next epoch. */
    public abstract void step();

    /** The optimizer's present rates, one of each group. */
    public final double[] lastLrs() {
        return optimizer.lrs();
    }

    /**
     * What {@link #loadState} takes to go on from here, to the last bit; short strings, such as go
     * into a checkpoint's {@code extra}.
     */
    public abstract Map<String, String> state();

    /**
     * Sets what {@link #state} returned, and the optimizer's rates.
     *
     * @throws IllegalArgumentException naming the entry that is missing or does not fit
     */
    public abstract void loadState(Map<String, String> state);

    final Optimizer optimizer() {
        return optimizer;
    }

    final String name() {
        return getClass().getSimpleName();
    }

    /** A number of the constructor's that does not fit. */
    final IllegalArgumentException wrong(String what, Object expected, Object got) {
        return new IllegalArgumentException(
                name() + ": expected " + what + " " + expected + ", got " + got);
    }

    static String text(double... numbers) {
        return Arrays.stream(numbers)
                .mapToObj(Double::toHexString)
                .collect(Collectors.joining(" "));
    }

    /** The entry's numbers, {@code count} of them. */
    static double[] numbers(String owner, Map<String, String> state, String key, int count) {
        String text = state.get(key);
        if (text != null) {
            String[] parts = text.split(" ", -1);
            if (parts.length == count) {
                try {
                    return Arrays.stream(parts).mapToDouble(Double::parseDouble).toArray();
                } catch (NumberFormatException e) {
                    // The same mistake as another count of numbers.
                }
            }
        }
        throw new IllegalArgumentException(
                owner + ": state '" + key + "' is " + text + ", expected numbers: " + count);
    }
}
