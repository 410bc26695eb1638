package io.github.cortado.nn;

/** The outermost elements of x again, on all sides of x [..., h, w]. */
public final class ReplicationPad2d extends Padding {
    /** As many on all sides. */
    public ReplicationPad2d(int padding) {
        this(padding, padding, padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ReplicationPad2d(int left, int right, int top, int bottom) {
        super("replicate", 0, left, right, top, bottom);
    }
}
