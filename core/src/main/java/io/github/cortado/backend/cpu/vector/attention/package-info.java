/** Attention: products, and a softmax between them. */
@NullMarked
package io.github.cortado.backend.cpu.vector.attention;

import org.jspecify.annotations.NullMarked;
