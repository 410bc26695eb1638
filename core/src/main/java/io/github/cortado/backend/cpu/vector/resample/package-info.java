/** Pictures of other sizes. */
@NullMarked
package io.github.cortado.backend.cpu.vector.resample;

import org.jspecify.annotations.NullMarked;
