package io.github.cortado.autograd;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One input of an operation, and how the gradient of the output becomes that of the input.
 *
 * @param input the input tensor
 * @param gradient from dy to dx; may return dy itself or a view of it
 * @param part how dy is added to a gradient of the input that is there already; null where that is
 *     the sum with {@code gradient}'s result
 */
public record Edge(Tensor input, UnaryOperator<Tensor> gradient, @Nullable Part part) {
    private static final String OPERATIONS = "io.github.cortado.ops";

    /** Adds dy, the gradient of a part of x, to dx in place. */
    @FunctionalInterface
    public interface Part {
        /** dx += dy where that part lies. */
        void add(Tensor dy, Tensor dx);
    }

    /** The edge to {@code input}; {@code gradient} is only called if the input needs one. */
    public static Edge to(Tensor input, UnaryOperator<Tensor> gradient) {
        return new Edge(input, gradient, null);
    }

    /**
     * The edge to an input of which the output is a part: a hundred parts of one tensor cost no
     * hundred gradients of its size. {@code gradient} returns memory of its own.
     */
    public static Edge toPart(Tensor input, UnaryOperator<Tensor> gradient, Part part) {
        return new Edge(input, gradient, part);
    }

    /** Whether the gradient is no operation's of ours: it may keep what it is given and makes. */
    boolean isForeign() {
        return !gradient.getClass().getPackageName().equals(OPERATIONS);
    }
}
