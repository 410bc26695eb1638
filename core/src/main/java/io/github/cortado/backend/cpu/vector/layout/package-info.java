/** How numbers are laid out for loops: planes with borders, and packed panels. */
@NullMarked
package io.github.cortado.backend.cpu.vector.layout;

import org.jspecify.annotations.NullMarked;
