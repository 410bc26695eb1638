/**
 * Pictures: CIFAR-10, folders and files of pictures, a drawn data set, and the transforms of them.
 *
 * <p>Transforms carry torchvision's names and do to 8-bit pictures what torchvision does to PIL
 * pictures: nearest-neighbour geometry with black fill, and colours rounded to bytes at every step.
 * Whatever is random is a function of (seed, epoch, index in the data set, place of the transform),
 * drawn from {@link io.github.cortado.random.Streams}.
 */
@NullMarked
package io.github.cortado.vision;

import org.jspecify.annotations.NullMarked;
