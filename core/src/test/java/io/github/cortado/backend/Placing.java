package io.github.cortado.backend;

import java.util.List;

/**
 * Where the buffers of a contract's row lie in their memory: the first one begins so many elements
 * into its own as {@code before} says first, the next one as it says next, and so on, and round
 * again; {@code after} elements follow each.
 */
public record Placing(String title, int after, List<Integer> before) {
    private static final int MARGIN = 5;

    /** Every buffer where 16 bytes begin. */
    public static final Placing ALIGNED = new Placing("aligned", MARGIN, List.of(4));

    /** No buffer where 16 bytes begin. */
    public static final Placing UNALIGNED = new Placing("unaligned", MARGIN, List.of(3));

    /** Memory that begins and ends with the buffer, so that whoever watches memory sees both. */
    public static final Placing TIGHT = new Placing("without margins", 0, List.of(0));

    /** One of three buffers in turn is not where 16 bytes begin. */
    public static final List<Placing> MIXED =
            List.of(
                    new Placing("1st unaligned", MARGIN, List.of(3, 4, 4)),
                    new Placing("2nd unaligned", MARGIN, List.of(4, 3, 4)),
                    new Placing("3rd unaligned", MARGIN, List.of(4, 4, 3)));

    /** Every buffer so many elements into its memory. */
    static Placing at(int offset) {
        return new Placing("at " + offset, MARGIN, List.of(offset));
    }

    int before(int buffer) {
        return before.get(buffer % before.size());
    }

    @Override
    public String toString() {
        return title;
    }
}
