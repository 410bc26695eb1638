package io.github.cortado.nn;

/** Zeros on all sides of x [..., h, w]. */
public final class ZeroPad2d extends Padding {
    /** As many on all sides. */
    public ZeroPad2d(int padding) {
        this(padding, padding, padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ZeroPad2d(int left, int right, int top, int bottom) {
        super("constant", 0, left, right, top, bottom);
    }
}
