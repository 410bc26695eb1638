package io.github.cortado.backend;

/**
 * What values are normalised with, h = (x - mean) invStd: a number of each for every channel or
 * row.
 *
 * @param invStd 1 / sqrt(var + eps)
 * @param ofInput whether they came from x, so that its gradient flows through them too
 */
public record Moments(Buffer mean, Buffer invStd, boolean ofInput) {}
