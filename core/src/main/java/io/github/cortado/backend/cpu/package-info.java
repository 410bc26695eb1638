/** The ground of the CPU backends: memory in Java arrays, and scratch arrays. */
@NullMarked
package io.github.cortado.backend.cpu;

import org.jspecify.annotations.NullMarked;
