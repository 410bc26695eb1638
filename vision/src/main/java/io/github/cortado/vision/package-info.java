/**
 * Pictures: CIFAR-10, CIFAR-100, MNIST, folders and files of pictures, a drawn data set, and the
 * transforms of them.
 *
 * <p>Transforms carry torchvision's names and do to 8-bit pictures what torchvision does to PIL
 * pictures: nearest-neighbour geometry with black fill, and colours rounded to bytes at every step.
 * Whatever is random is a function of (seed, epoch, index in the data set, place of the transform),
 * drawn from {@link io.github.cortado.random.Streams}. {@link Transforms} has them with their
 * parameters given.
 *
 * <p>A device that transforms pictures itself does so with flips left to right, rotations, affine
 * maps, colour jitter and what leaves a picture as it is; a row with anything else is done on the
 * host, and refused where it was to be on the device.
 */
@NullMarked
package io.github.cortado.vision;

import org.jspecify.annotations.NullMarked;
