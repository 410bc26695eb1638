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
 * @param differentiable as {@code gradient}, of recorded operations alone, so that dx has a
 *     gradient by dy and by all that the operation read; null where there is no such way
 */
public record Edge(
        Tensor input,
        UnaryOperator<Tensor> gradient,
        @Nullable Part part,
        @Nullable UnaryOperator<Tensor> differentiable) {
    private static final String OPERATIONS = "io.github.cortado.ops";

    /** Adds dy, the gradient of a part of x, to dx in place. */
    @FunctionalInterface
    public interface Part {
        /** dx += dy where that part lies. */
        void add(Tensor dy, Tensor dx);
    }

    /** A gradient that is computed along with those of other inputs. */
    public interface Joint extends UnaryOperator<Tensor> {
        /** Lets what was computed go: the next dy is another one. */
        void forget();
    }

    /** The edge to {@code input}; {@code gradient} is only called if the input needs one. */
    public static Edge to(Tensor input, UnaryOperator<Tensor> gradient) {
        return new Edge(input, gradient, null, null);
    }

    /**
     * The edge to an input of which the output is a part: a hundred parts of one tensor cost no
     * hundred gradients of its size. {@code gradient} returns memory of its own.
     */
    public static Edge toPart(Tensor input, UnaryOperator<Tensor> gradient, Part part) {
        return new Edge(input, gradient, part, null);
    }

    /** The same edge with a gradient that has gradients: see {@link #differentiable()}. */
    public Edge differentiable(UnaryOperator<Tensor> again) {
        return new Edge(input, gradient, part, again);
    }

    /** Whether the gradient is no operation's of ours: it may keep what it is given and makes. */
    boolean isForeign() {
        return !gradient.getClass().getPackageName().equals(OPERATIONS);
    }

    /** Lets go what the gradient computed for other inputs, too. */
    void forget() {
        if (gradient instanceof Joint joint) {
            joint.forget();
        }
    }
}
