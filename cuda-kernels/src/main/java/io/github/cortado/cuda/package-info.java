/**
 * The CUDA backend. Empty so far: the module's README says what it will hold and how it will be
 * found.
 */
@NullMarked
package io.github.cortado.cuda;

import org.jspecify.annotations.NullMarked;
