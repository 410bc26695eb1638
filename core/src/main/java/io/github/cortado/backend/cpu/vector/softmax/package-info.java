/** Softmax over rows. */
@NullMarked
package io.github.cortado.backend.cpu.vector.softmax;

import org.jspecify.annotations.NullMarked;
