package io.github.cortado.autograd;

import io.github.cortado.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Autograd#grad(Tensor, java.util.List, GradOptions)} differs from the plain one; names
 * and defaults are those of torch.autograd.grad.
 *
 * @param gradOutput the gradient of the output that it starts from; null for that of a scalar, 1
 * @param retainGraph whether the graph may be walked again
 * @param createGraph whether the gradients have gradients, which keeps the graph, too
 * @param allowUnused whether an input that the output does not depend on has null instead of being
 *     an error
 */
public record GradOptions(
        @Nullable Tensor gradOutput,
        boolean retainGraph,
        boolean createGraph,
        boolean allowUnused) {
    /** All as it is by default. */
    public GradOptions() {
        this(null, false, false, false);
    }

    /** With this gradient of the output. */
    public GradOptions gradOutput(Tensor gradient) {
        return new GradOptions(gradient, retainGraph, createGraph, allowUnused);
    }

    /** Keeping the graph, or not. */
    public GradOptions retainGraph(boolean retain) {
        return new GradOptions(gradOutput, retain, createGraph, allowUnused);
    }

    /** With gradients that have gradients, or not. */
    public GradOptions createGraph(boolean create) {
        return new GradOptions(gradOutput, retainGraph, create, allowUnused);
    }

    /** With null for inputs that were not used, or not. */
    public GradOptions allowUnused(boolean allow) {
        return new GradOptions(gradOutput, retainGraph, createGraph, allow);
    }
}
