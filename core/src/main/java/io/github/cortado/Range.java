package io.github.cortado;

/**
 * Which elements of one dimension are meant, as between the brackets of {@code x[...]} in Python:
 * negative numbers count from the end, and what is beyond an end is left out. For {@link
 * Tensor#slice(Range...)} and {@link Tensor#set(Tensor, Range...)}.
 *
 * @param start the first element
 * @param end the one behind the last
 * @param step the distance from one to the next, at least 1
 * @param isOne whether it is one element, whose dimension goes, as in {@code x[3]}
 */
public record Range(int start, int end, int step, boolean isOne) {
    private static final Range ALL = new Range(0, Integer.MAX_VALUE, 1, false);

    /**
     * @throws IllegalArgumentException if the step is below 1
     */
    public Range {
        if (step < 1) {
            throw new IllegalArgumentException("Range: expected a step of 1 or more, got " + step);
        }
    }

    /** All elements: {@code :}. */
    public static Range all() {
        return ALL;
    }

    /** One element, whose dimension goes: {@code i}. */
    public static Range at(int i) {
        return new Range(i, i == -1 ? Integer.MAX_VALUE : i + 1, 1, true);
    }

    /** Elements from {@code start} on: {@code start:}. */
    public static Range from(int start) {
        return new Range(start, Integer.MAX_VALUE, 1, false);
    }

    /** Elements below {@code end}: {@code :end}. */
    public static Range to(int end) {
        return new Range(0, end, 1, false);
    }

    /** Elements from {@code start} to below {@code end}: {@code start:end}. */
    public static Range of(int start, int end) {
        return new Range(start, end, 1, false);
    }

    /** Every {@code step}-th element: {@code start:end:step}. */
    public static Range of(int start, int end, int step) {
        return new Range(start, end, step, false);
    }

    /** Number of the first element in a dimension of n; n where there is none. */
    public int first(int n) {
        return bound(start, n);
    }

    /** How many elements there are in a dimension of n. */
    public int count(int n) {
        int length = Math.max(0, bound(end, n) - first(n));
        return (int) (((long) length + step - 1) / step);
    }

    private static int bound(int i, int n) {
        return Math.min(n, Math.max(0, i < 0 ? i + n : i));
    }

    /** As in Python. */
    @Override
    public String toString() {
        if (isOne) {
            return Integer.toString(start);
        }
        String from = start == 0 ? "" : Integer.toString(start);
        String to = end == Integer.MAX_VALUE ? "" : Integer.toString(end);
        return from + ":" + to + (step == 1 ? "" : ":" + step);
    }
}
