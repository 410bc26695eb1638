/**
 * The CPU backends: the scalar one that is written to be read, and the fast one on the Vector API.
 */
@NullMarked
package io.github.cortado.backend.cpu;

import org.jspecify.annotations.NullMarked;
