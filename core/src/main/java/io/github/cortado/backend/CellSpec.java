package io.github.cortado.backend;

/** Sizes of a step of a recurrent network: states [n, hidden], gates [n, k hidden]. */
public record CellSpec(int n, int hidden) {}
