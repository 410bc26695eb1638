package io.github.cortado.backend;

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980) or, with decoupled weight decay, AdamW
 * (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * @param lr the learning rate, a double
 * @param decoupled AdamW's weight decay instead of a term in the gradient
 * @param correction1 1 - beta1^t, a double
 * @param correction2 1 - beta2^t, a double
 */
public record AdamSpec(
        StepValue lr,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decoupled,
        StepValue correction1,
        StepValue correction2) {
    /** With numbers that never change. */
    public AdamSpec(
            double lr,
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            boolean decoupled,
            double correction1,
            double correction2) {
        this(
                StepValue.of(lr),
                beta1,
                beta2,
                eps,
                weightDecay,
                decoupled,
                StepValue.of(correction1),
                StepValue.of(correction2));
    }
}
