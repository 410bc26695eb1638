package io.github.cortado.backend.cpu.vector.layout;

/**
 * One side of the pictures that {@link Planes} lays out, rows or columns, and the outputs along it.
 *
 * @param size elements of the side
 * @param stride elements from one output to the next
 * @param span elements from the first to the last tap of an output, both counted
 * @param origin elements of border before the first; where negative, as many are never read
 * @param outputs outputs along the side
 */
public record Side(int size, int stride, int span, int origin, int outputs) {
    /** The first of the {@code stride} phases, those that a tap reads. */
    int phases() {
        return Math.min(stride, span);
    }

    /** Elements of a plane from an output to its farthest tap. */
    int reach() {
        return (span - 1) / stride;
    }
}
