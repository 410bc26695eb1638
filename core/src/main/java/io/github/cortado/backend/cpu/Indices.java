package io.github.cortado.backend.cpu;

/** Numbers of elements along an axis. */
public final class Indices {
    private Indices() {}

    /**
     * Looks at all of them.
     *
     * @throws IllegalArgumentException naming the first that is not from 0 to below {@code size}
     */
    public static void check(HostBuffer index, int size) {
        check("indexSelect", index, size);
    }

    /** As above, of that operation. */
    public static void check(String op, HostBuffer index, int size) {
        long[] numbers = (long[]) index.array();
        int from = index.offset();
        int end = from + index.length();
        if (are(numbers, from, index.length(), size)) {
            return;
        }
        for (int k = from; k < end; k++) {
            long i = numbers[k];
            if (i < 0 || i >= size) {
                throw new IllegalArgumentException(
                        op
                                + ": index "
                                + i
                                + " at position "
                                + (k - from)
                                + " is not from 0 to "
                                + (size - 1));
            }
        }
    }

    /** Whether n numbers, from place {@code from} on, are from 0 to below {@code size}. */
    public static boolean are(long[] numbers, int from, int n, int size) {
        // The sign of one that is below 0, or of what is left above one that is too large.
        long signs = 0;
        for (int k = from; k < from + n; k++) {
            signs |= numbers[k] | (size - 1 - numbers[k]);
        }
        return signs >= 0;
    }
}
