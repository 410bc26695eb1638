package io.github.cortado.nn;

/** Zeros before and after x [..., l]. */
public final class ZeroPad1d extends Padding {
    /** As many on both sides. */
    public ZeroPad1d(int padding) {
        this(padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ZeroPad1d(int before, int after) {
        super("constant", 0, before, after);
    }
}
