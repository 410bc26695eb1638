package io.github.cortado.backend;

import org.jspecify.annotations.Nullable;

/**
 * A number as an operation gets it: a long or a double, and, where a {@link StepNumber} was read,
 * which one.
 *
 * @param bits of the long or the double
 * @param source what was read; null for a number that never changes
 * @param count what the source's value was a function of when it was read
 */
public record StepValue(long bits, @Nullable StepNumber source, long count) {
    /** A double that never changes. */
    public static StepValue of(double value) {
        return new StepValue(Double.doubleToRawLongBits(value), null, 0);
    }

    /** A long that never changes. */
    public static StepValue of(long value) {
        return new StepValue(value, null, 0);
    }

    /** The value, where it is a double. */
    public double asDouble() {
        return Double.longBitsToDouble(bits);
    }

    /** The value, where it is a long. */
    public long asLong() {
        return bits;
    }
}
