package io.github.cortado.nn;

/** The outermost elements of x again, before and after x [..., l]. */
public final class ReplicationPad1d extends Padding {
    /** As many on both sides. */
    public ReplicationPad1d(int padding) {
        this(padding, padding);
    }

    /**
     * So many on each side.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public ReplicationPad1d(int before, int after) {
        super("replicate", 0, before, after);
    }
}
