/**
 * One random stream everywhere: the counter-based generator Philox4x32-10, whose every number is a
 * function of a seed and of what the number is for, never of threads or of call order.
 *
 * <p>{@link io.github.cortado.random.Streams} says which counters belong to which purpose.
 */
@NullMarked
package io.github.cortado.random;

import org.jspecify.annotations.NullMarked;
