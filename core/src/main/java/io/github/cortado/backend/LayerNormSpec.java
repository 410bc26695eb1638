package io.github.cortado.backend;

/**
 * Sizes of a layer normalisation over x [rows, n].
 *
 * @param eps added to the variance
 */
public record LayerNormSpec(int rows, int n, double eps) {}
