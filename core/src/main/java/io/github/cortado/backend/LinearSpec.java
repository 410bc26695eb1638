package io.github.cortado.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of an affine map: x [m, k], w [n, k], y [m, n]; and what becomes of y in the same pass.
 *
 * @param relu whether results below 0 become 0
 */
public record LinearSpec(int m, int n, int k, boolean relu) {
    /** An affine map by itself. */
    public LinearSpec(int m, int n, int k) {
        this(m, n, k, false);
    }

    /** The same map, and max(y, 0). */
    public LinearSpec withRelu() {
        return new LinearSpec(m, n, k, true);
    }

    // Written out, for plans are kept by it: what javac makes of a record costs 25 ms at its first
    // use.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LinearSpec s && Arrays.equals(numbers(), s.numbers());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers());
    }

    private int[] numbers() {
        return new int[] {m, n, k, relu ? 1 : 0};
    }
}
