/**
 * Data sets of pictures and the loaders that make batches of them. Files, transforms and ready-made
 * data sets are the module {@code cortado-vision}'s.
 *
 * <p>Whatever is random is a function of (seed, epoch, index in the data set, place of the
 * transform), drawn from {@link io.github.cortado.random.Streams}.
 */
@NullMarked
package io.github.cortado.data;

import org.jspecify.annotations.NullMarked;
