package io.github.cortado.random;

/** The order in which an epoch visits a data set: a function of seed, epoch and size alone. */
public final class Shuffle {
    private Shuffle() {}

    /**
     * Returns a permutation of 0 .. n - 1, each of the n! equally likely, by Fisher and Yates: for
     * i = n - 1 down to 1 swap places i and j, with j drawn from 0 .. i out of {@link
     * Streams#shuffle}.
     *
     * @throws IllegalArgumentException where n or epoch is negative
     */
    public static int[] permutation(int n, long seed, int epoch) {
        if (n < 0) {
            throw new IllegalArgumentException("shuffle: the size must not be negative, got " + n);
        }
        return permutation(n, Streams.shuffle(seed, epoch).generator());
    }

    /** As above, with other draws. */
    public static int[] permutation(int n, PhiloxGenerator draws) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = draws.bounded(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
