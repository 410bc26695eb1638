/** The fast CPU backend on the Vector API; each family of operations has a room below. */
@NullMarked
package io.github.cortado.backend.cpu.vector;

import org.jspecify.annotations.NullMarked;
