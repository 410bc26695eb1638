package io.github.cortado.nn;

/** Elements of x, mirrored at the outermost ones, before and after x [..., l]. */
public final class ReflectionPad1d extends Padding {
    /** As many on both sides. */
    public ReflectionPad1d(int padding) {
        this(padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ReflectionPad1d(int before, int after) {
        super("reflect", 0, before, after);
    }
}
