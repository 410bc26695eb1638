package io.github.cortado.backend;

import io.github.cortado.backend.Resample2dSpec.Mode;

/**
 * Between which of a line's n elements each of {@code size} others lies, and how near to the second
 * of them: y[i] = (1 - weight) x[low] + weight x[high]. Places are computed as PyTorch computes
 * them, step by step, in float but for the weights of float64 numbers: a whole place that is missed
 * by a rounding would be another element.
 */
public final class SourcePlaces {
    private final int[] low;
    private final int[] high;
    private final double[] weight;
    private final int[] first;
    private final boolean isBetween;

    /** Those of a line of {@code size} elements, made of one of n. */
    SourcePlaces(int n, int size, Mode mode, boolean inDouble) {
        isBetween = mode != Mode.NEAREST && n != size;
        low = new int[size];
        high = new int[size];
        weight = new double[size];
        for (int i = 0; i < size; i++) {
            double place = n == size ? i : place(i, n, size, mode, inDouble);
            low[i] = (int) Math.min((long) place, n - 1);
            high[i] = low[i];
            if (isBetween) {
                high[i] = Math.min(low[i] + 1, n - 1);
                weight[i] = Math.min(place - low[i], 1);
            }
        }
        first = new int[n + 1];
        for (int c = 0, i = 0; c <= n; c++) {
            while (i < size && low[i] < c) {
                i++;
            }
            first[c] = i;
        }
    }

    private static double place(int i, int n, int size, Mode mode, boolean inDouble) {
        return switch (mode) {
            case NEAREST -> i * ((float) n / size);
            case LINEAR ->
                    inDouble
                            ? Math.max(0, (double) n / size * (i + 0.5) - 0.5)
                            : Math.max(0f, (float) n / size * (i + 0.5f) - 0.5f);
            case CORNERS ->
                    inDouble
                            ? (n - 1.0) / Math.max(1, size - 1) * i
                            : (n - 1f) / Math.max(1, size - 1) * i;
        };
    }

    /** How many there are. */
    public int size() {
        return low.length;
    }

    /** The element at place i or before it. */
    public int low(int i) {
        return low[i];
    }

    /** The next one, or the same where there is none or none is needed. */
    public int high(int i) {
        return high[i];
    }

    /** How far place i is from {@link #low}, from 0 to 1. */
    public double weight(int i) {
        return weight[i];
    }

    /**
     * Whether elements lie between two; else each is {@link #low} itself, whatever it is, and
     * weighs 1.
     */
    public boolean isBetween() {
        return isBetween;
    }

    /** The first of the places, neighbours all of them, beside which an element lies. */
    public int begin(int element) {
        return first[isBetween ? Math.max(0, element - 1) : element];
    }

    /** Behind the last of them. */
    public int end(int element) {
        return first[element + 1];
    }

    /** What an element weighs in a place beside it; in the last place it may be both neighbours. */
    public double share(int element, int i) {
        double share = low[i] == element ? 1 - weight[i] : 0;
        return high[i] == element ? share + weight[i] : share;
    }
}
