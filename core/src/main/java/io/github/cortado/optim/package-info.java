/** Optimizers with PyTorch's formulas and defaults. */
@NullMarked
package io.github.cortado.optim;

import org.jspecify.annotations.NullMarked;
