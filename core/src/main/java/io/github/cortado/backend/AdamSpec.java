package io.github.cortado.backend;

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980) or, with decoupled weight decay, AdamW
 * (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * @param correction1 1 - beta1^t, computed in double
 * @param correction2 1 - beta2^t, computed in double
 * @param decoupled AdamW's weight decay instead of a term in the gradient
 */
public record AdamSpec(
        double lr,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decoupled,
        double correction1,
        double correction2) {}
