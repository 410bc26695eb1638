/** Transfer learning: a network that PyTorch trained learns to tell other pictures apart. */
@NullMarked
package io.github.cortado.examples.transfer;

import org.jspecify.annotations.NullMarked;
