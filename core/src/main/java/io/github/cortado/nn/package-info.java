/** Blocks, layers, activations and losses, with PyTorch's names, defaults and initialisation. */
@NullMarked
package io.github.cortado.nn;

import org.jspecify.annotations.NullMarked;
