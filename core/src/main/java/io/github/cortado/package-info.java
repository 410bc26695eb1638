/**
 * What a user sees first: {@link io.github.cortado.Tensor}, {@link io.github.cortado.Shape} and
 * {@link io.github.cortado.Device}.
 */
@NullMarked
package io.github.cortado;

import org.jspecify.annotations.NullMarked;
