package io.github.cortado.backend;

/**
 * One step of RMSprop (Tieleman and Hinton, Coursera lecture 6.5), as PyTorch computes it.
 *
 * @param lr the learning rate, a double
 * @param alpha share of the old average of squared gradients
 */
public record RmsPropSpec(
        StepValue lr, double alpha, double eps, double weightDecay, double momentum) {
    /** With a learning rate that never changes. */
    public RmsPropSpec(double lr, double alpha, double eps, double weightDecay, double momentum) {
        this(StepValue.of(lr), alpha, eps, weightDecay, momentum);
    }
}
