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
        // The sign of one that is below 0, or of what is left above one that is too large.
        long signs = 0;
        for (int k = from; k < end; k++) {
            signs |= numbers[k] | (size - 1 - numbers[k]);
        }
        if (signs >= 0) {
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
}
