package io.github.cortado.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of the same thing, measured in several rounds. */
public record Series(List<Double> values) {
    /**
     * Keeps a copy.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Series {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a series needs at least one figure");
        }
        values = List.copyOf(values);
    }

    /** The middle figure, or the mean of the middle two. */
    public double median() {
        return median(values);
    }

    /** The middle of some numbers, or the mean of the middle two. */
    public static double median(List<? extends Number> numbers) {
        double[] sorted = numbers.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /** The smallest figure. */
    public double min() {
        return values.stream().mapToDouble(v -> v).min().orElseThrow();
    }

    /** The largest figure. */
    public double max() {
        return values.stream().mapToDouble(v -> v).max().orElseThrow();
    }

    /** This series divided round by round by another of the same length. */
    public Series over(Series other) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            ratios.add(values.get(i) / other.values.get(i));
        }
        return new Series(ratios);
    }

    /** Smallest and largest figure with so many decimals: {@code 0.93..1.10}. */
    public String spread(int decimals) {
        String number = "%." + decimals + "f";
        return String.format(Locale.ROOT, number + ".." + number, min(), max());
    }
}
