/** One short file per operation: check, allocate, call the backend, record the gradient. */
@NullMarked
package io.github.cortado.ops;

import org.jspecify.annotations.NullMarked;
