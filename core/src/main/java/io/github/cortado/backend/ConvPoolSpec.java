package io.github.cortado.backend;

/** A convolution, and the pooling of its outputs. */
public record ConvPoolSpec(Conv2dSpec conv, Pool2dSpec pool) {}
