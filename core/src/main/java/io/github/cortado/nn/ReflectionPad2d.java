package io.github.cortado.nn;

/** Elements of x, mirrored at the outermost ones, on all sides of x [..., h, w]. */
public final class ReflectionPad2d extends Padding {
    /** As many on all sides. */
    public ReflectionPad2d(int padding) {
        this(padding, padding, padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ReflectionPad2d(int left, int right, int top, int bottom) {
        super("reflect", 0, left, right, top, bottom);
    }
}
