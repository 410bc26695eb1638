package io.github.cortado.backend;

import java.util.List;

/**
 * What becomes of the pictures of a batch.
 *
 * @param size pictures in the order that the batch is taken from
 * @param seed of the random streams
 * @param steps the transforms, in order
 */
public record PictureSpec(int size, int height, int width, long seed, List<PictureStep> steps) {}
