package io.github.cortado.nn;

/** Elements of one value before and after x [..., l]. */
public final class ConstantPad1d extends Padding {
    /** As many on both sides. */
    public ConstantPad1d(int padding, double value) {
        this(padding, padding, value);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ConstantPad1d(int before, int after, double value) {
        super("constant", value, before, after);
    }
}
