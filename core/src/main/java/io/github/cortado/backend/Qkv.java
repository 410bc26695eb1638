package io.github.cortado.backend;

/**
 * Queries, keys and values of an attention, or their gradients; they may be parts of one buffer.
 */
public record Qkv(Buffer q, Buffer k, Buffer v) {}
