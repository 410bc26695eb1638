package io.github.cortado.backend;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of normalised values h: h w + b, a number of each for every channel.
 *
 * @param w ones where it is null
 * @param b zeros where it is null
 */
public record Affine(@Nullable Buffer w, @Nullable Buffer b) {}
