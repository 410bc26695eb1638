package io.github.cortado;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The part of what takes long that a run of the thorough tests has: {@code -Dcortado.mutantsPart},
 * {@code 2/4} for the third of four parts; all of it without.
 */
public final class TestParts {
    private static final String[] PART =
            System.getProperty("cortado.mutantsPart", "0/1").split("/");

    private TestParts() {}

    /** Those that this run has, in their order. */
    public static <T> List<T> of(List<T> all) {
        int parts = Integer.parseInt(PART[1]);
        return IntStream.range(0, all.size())
                .filter(i -> i % parts == Integer.parseInt(PART[0]))
                .mapToObj(all::get)
                .toList();
    }
}
