package io.github.cortado;

/**
 * Shapes that do not fit an operation; the message names the operation, the rule and the shapes.
 */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Makes an exception with a message such as {@code matmul: [2, 3] and [4, 5] ...}. */
    public ShapeException(String message) {
        super(message);
    }
}
