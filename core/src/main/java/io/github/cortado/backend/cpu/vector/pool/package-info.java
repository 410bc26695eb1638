/** Max and average pooling. */
@NullMarked
package io.github.cortado.backend.cpu.vector.pool;

import org.jspecify.annotations.NullMarked;
