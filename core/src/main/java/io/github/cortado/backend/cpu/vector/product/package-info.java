/** Matrix products. */
@NullMarked
package io.github.cortado.backend.cpu.vector.product;

import org.jspecify.annotations.NullMarked;
