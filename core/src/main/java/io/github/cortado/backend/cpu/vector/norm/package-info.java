/** Batch and layer normalisation. */
@NullMarked
package io.github.cortado.backend.cpu.vector.norm;

import org.jspecify.annotations.NullMarked;
