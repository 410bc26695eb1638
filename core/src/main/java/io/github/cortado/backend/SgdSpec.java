package io.github.cortado.backend;

/**
 * One step of stochastic gradient descent with PyTorch's momentum.
 *
 * @param first whether the momentum buffer is still empty and takes the gradient as it is
 */
public record SgdSpec(
        double lr,
        double momentum,
        double dampening,
        double weightDecay,
        boolean nesterov,
        boolean first) {}
