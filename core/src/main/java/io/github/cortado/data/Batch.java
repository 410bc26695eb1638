package io.github.cortado.data;

import io.github.cortado.Device;
import io.github.cortado.Tensor;

/**
 * Some pictures and their classes.
 *
 * @param images float32, [n, 3, h, w]
 * @param labels int64, [n]
 */
public record Batch(Tensor images, Tensor labels) {
    /** Returns the number of pictures. */
    public int size() {
        return labels.size();
    }

    /** Returns this batch on another device; itself if it is there already. */
    public Batch to(Device device) {
        return new Batch(images.to(device), labels.to(device));
    }
}
