/**
 * Pointwise formulas: expressions of some twenty primitives, their code, their derivatives, and the
 * table of those that have names.
 */
@NullMarked
package io.github.cortado.backend.formula;

import org.jspecify.annotations.NullMarked;
