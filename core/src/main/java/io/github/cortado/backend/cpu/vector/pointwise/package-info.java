/** Operations on each element by itself, and the functions that they are made of. */
@NullMarked
package io.github.cortado.backend.cpu.vector.pointwise;

import org.jspecify.annotations.NullMarked;
