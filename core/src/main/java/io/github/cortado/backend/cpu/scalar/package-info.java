/** The CPU backend that is written to be read, and that every other backend is compared with. */
@NullMarked
package io.github.cortado.backend.cpu.scalar;

import org.jspecify.annotations.NullMarked;
