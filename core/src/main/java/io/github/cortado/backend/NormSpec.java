package io.github.cortado.backend;

/**
 * Sizes of a batch normalisation over x [n, channels, inner].
 *
 * @param eps added to the variance
 * @param momentum share of the new value in running statistics: r = (1 - momentum) r + momentum v
 */
public record NormSpec(int n, int channels, int inner, double eps, double momentum) {}
