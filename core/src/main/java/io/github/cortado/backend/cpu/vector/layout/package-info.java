/**
 * How numbers are laid out for loops: planes with borders, packed panels, lines, strided regions.
 */
@NullMarked
package io.github.cortado.backend.cpu.vector.layout;

import org.jspecify.annotations.NullMarked;
