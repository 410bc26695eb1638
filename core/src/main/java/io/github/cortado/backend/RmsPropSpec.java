package io.github.cortado.backend;

/**
 * One step of RMSprop (Tieleman and Hinton, Coursera lecture 6.5), as PyTorch computes it.
 *
 * @param alpha share of the old average of squared gradients
 */
public record RmsPropSpec(
        double lr, double alpha, double eps, double weightDecay, double momentum) {}
