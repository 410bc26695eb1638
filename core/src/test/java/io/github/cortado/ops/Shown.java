package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

/**
 * What a program shows.
 *
 * @param values by the statement that read them
 * @param text the statements
 */
record Shown(Map<String, double[]> values, String text) {
    /**
     * In the name of what was looked at after a training step had overwritten what it was computed
     * from: where results wait that may be an error, but no other value.
     */
    static final String STALE = " stale ";

    /** In the text where gradients of a pooled convolution may add their terms in another order. */
    static final String POOLED = "pooled convolutions";

    /**
     * In the text where a GPU has a kernel by hand for a gradient, which rounds in other places
     * than the interpreter that runs a chain.
     */
    static final String BY_HAND = "a kernel by hand";

    /** Passes if {@code found} is the same, of large values but for this share of the largest. */
    void assertSame(Shown found, double tolerance, String name) {
        String title = name + "\n" + text;
        assertEquals(List.of(), without(found), title + "what was not there where results wait");
        assertEquals(List.of(), found.without(this), title + "what was there only where they do");
        values.forEach(
                (what, expected) -> {
                    double[] other = found.values.get(what);
                    if (other == null) {
                        return;
                    }
                    if (tolerance == 0) {
                        assertArrayEquals(expected, other, () -> title + what);
                        return;
                    }
                    double largest = 1;
                    for (double v : expected) {
                        largest = Math.max(largest, Math.abs(v));
                    }
                    // What has grown without bounds says nothing.
                    if (largest < Double.POSITIVE_INFINITY) {
                        assertArrayEquals(expected, other, tolerance * largest, () -> title + what);
                    }
                });
    }

    /** What is here and not in {@code other}, and has to be, be it an error. */
    private List<String> without(Shown other) {
        return values.keySet().stream()
                .filter(what -> !what.contains(STALE) && !other.values.containsKey(what))
                .toList();
    }

    /** How much was looked at late, and was there. */
    long stale() {
        return values.keySet().stream()
                .filter(what -> what.contains(STALE) && !what.endsWith("throws"))
                .count();
    }
}
