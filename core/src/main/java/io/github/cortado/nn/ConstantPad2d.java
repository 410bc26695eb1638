package io.github.cortado.nn;

/** Elements of one value on all sides of x [..., h, w]. */
public final class ConstantPad2d extends Padding {
    /** As many on all sides. */
    public ConstantPad2d(int padding, double value) {
        this(padding, padding, padding, padding, value);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ConstantPad2d(int left, int right, int top, int bottom, double value) {
        super("constant", value, left, right, top, bottom);
    }
}
