/** Sums and maxima along an axis. */
@NullMarked
package io.github.cortado.backend.cpu.vector.reduce;

import org.jspecify.annotations.NullMarked;
