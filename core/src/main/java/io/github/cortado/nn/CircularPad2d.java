package io.github.cortado.nn;

/** The elements of x from the other end, on all sides of x [..., h, w]. */
public final class CircularPad2d extends Padding {
    /** As many on all sides. */
    public CircularPad2d(int padding) {
        this(padding, padding, padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public CircularPad2d(int left, int right, int top, int bottom) {
        super("circular", 0, left, right, top, bottom);
    }
}
