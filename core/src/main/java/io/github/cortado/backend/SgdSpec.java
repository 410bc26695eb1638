package io.github.cortado.backend;

/**
 * One step of stochastic gradient descent with PyTorch's momentum.
 *
 * @param lr the learning rate, a double
 * @param first whether the momentum buffer is still empty and takes the gradient as it is
 */
public record SgdSpec(
        StepValue lr,
        double momentum,
        double dampening,
        double weightDecay,
        boolean nesterov,
        boolean first) {
    /** With a learning rate that never changes. */
    public SgdSpec(
            double lr,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean first) {
        this(StepValue.of(lr), momentum, dampening, weightDecay, nesterov, first);
    }
}
