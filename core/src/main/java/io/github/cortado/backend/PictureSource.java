package io.github.cortado.backend;

/**
 * A data set of pictures in a backend's memory.
 *
 * @param pixels uint8, [pictures, 3, height, width]
 * @param labels int64, one of each picture
 * @param order int32, the numbers of the pictures in the order in which they are taken
 * @param values float32, 768 of them: byte x of channel c becomes values[256 c + x]
 */
public record PictureSource(Buffer pixels, Buffer labels, Buffer order, Buffer values) {}
