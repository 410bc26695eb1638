package io.github.cortado.nn;

/** The elements of x from the other end, before and after x [..., l]. */
public final class CircularPad1d extends Padding {
    /** As many on both sides. */
    public CircularPad1d(int padding) {
        this(padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public CircularPad1d(int before, int after) {
        super("circular", 0, before, after);
    }
}
