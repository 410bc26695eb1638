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
        for (int k = 0; k < index.length(); k++) {
            long i = index.getLong(k);
            if (i < 0 || i >= size) {
                throw new IllegalArgumentException(
                        op
                                + ": index "
                                + i
                                + " at position "
                                + k
                                + " is not from 0 to "
                                + (size - 1));
            }
        }
    }
}
