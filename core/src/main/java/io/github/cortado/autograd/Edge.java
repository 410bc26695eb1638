package io.github.cortado.autograd;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;

/**
 * One input of an operation, and how the gradient of the output becomes that of the input.
 *
 * @param input the input tensor
 * @param gradient from dy to dx; may return dy itself or a view of it
 */
public record Edge(Tensor input, UnaryOperator<Tensor> gradient) {
    private static final String OPERATIONS = "io.github.cortado.ops";

    /** The edge to {@code input}; {@code gradient} is only called if the input needs one. */
    public static Edge to(Tensor input, UnaryOperator<Tensor> gradient) {
        return new Edge(input, gradient);
    }

    /** Whether the gradient is no operation's of ours: it may keep what it is given and makes. */
    boolean isForeign() {
        return !gradient.getClass().getPackageName().equals(OPERATIONS);
    }
}
