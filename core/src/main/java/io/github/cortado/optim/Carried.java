package io.github.cortado.optim;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * A number of one parameter that each step makes from that of the step before and the settings it
 * finds, such as a product of momenta. It may be asked for the same step more than once, before and
 * while a device runs it, and for a few steps ahead.
 */
final class Carried {
    /** More than steps are in one recording. */
    private static final int KEPT = 64;

    private final LongToDoubleFunction start;
    private final Rule rule;
    private final long[] steps = new long[KEPT];
    private final double[] values = new double[KEPT];

    /** What step {@code t} makes of the number. */
    interface Rule {
        double after(double before, long t);
    }

    /**
     * Begins with nothing known.
     *
     * @param start the number after step t, by the present settings, where nothing is known
     */
    Carried(LongToDoubleFunction start, Rule rule) {
        this.start = start;
        this.rule = rule;
        clear();
    }

    /** The number after step {@code t}, as it was found. */
    double get(long t) {
        int at = (int) (t % KEPT);
        return steps[at] == t ? values[at] : start.applyAsDouble(t);
    }

    /** Forgets all but that it is this after step {@code t}. */
    void set(long t, double value) {
        clear();
        put(t, value);
    }

    /** Forgets all. */
    void clear() {
        Arrays.fill(steps, -1);
    }

    private void put(long t, double value) {
        int at = (int) (t % KEPT);
        steps[at] = t;
        values[at] = value;
    }

    /** The number after step {@code t}, made anew, of parameters that have the same. */
    static double after(List<Carried> all, long t) {
        Carried first = all.get(0);
        double value = first.rule.after(first.get(t - 1), t);
        all.forEach(c -> c.put(t, value));
        return value;
    }
}
