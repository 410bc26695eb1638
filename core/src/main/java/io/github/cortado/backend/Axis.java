package io.github.cortado.backend;

/**
 * One dimension of a contiguous tensor, seen as [outer, n, inner]: element (o, i, j) lies at (o n +
 * i) inner + j. Reductions and softmax run over {@code n}.
 */
public record Axis(int outer, int n, int inner) {}
