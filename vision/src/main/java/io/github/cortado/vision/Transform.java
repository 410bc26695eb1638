package io.github.cortado.vision;

/**
 * A step from the picture in the data set to the numbers in the batch, made for {@link Compose}.
 *
 * <p>Transforms are immutable and may be shared by threads.
 */
public sealed interface Transform permits PictureTransform, ToTensor, Normalize, Compose {}
