package io.github.cortado.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One dimension of a contiguous tensor, seen as [outer, n, inner]: element (o, i, j) lies at (o n +
 * i) inner + j. Reductions and softmax run over {@code n}.
 */
public record Axis(int outer, int n, int inner) {
    /** Of a tensor of {@code size} elements, as many in each of the same lines. */
    public Axis sized(int size) {
        return new Axis(outer, size / Math.max(1, outer * inner), inner);
    }

    /** Elements of all lines. */
    public int size() {
        return outer * n * inner;
    }

    /** Where a line begins: line o inner + j at element (o, 0, j). */
    public int line(int number) {
        return number / inner * n * inner + number % inner;
    }

    // Written out, for plans are kept by it: what javac makes of a record costs 25 ms at its first
    // use.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Axis s && Arrays.equals(numbers(), s.numbers());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers());
    }

    private int[] numbers() {
        return new int[] {outer, n, inner};
    }
}
