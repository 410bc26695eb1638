package io.github.cortado.backend;

import java.util.Optional;

/** A backend that makes batches itself, from a data set in its own memory. */
public interface PictureBackend {
    /** Why it cannot do this; empty if it can. */
    Optional<String> obstacle(PictureSpec spec);

    /**
     * Picture i of the batch is number p = order[position + i] of the data set: images[i] (float32,
     * [3, height, width]) is what the transforms make of pixels[p] (uint8), byte x of channel c
     * becoming values[256 c + x]; targets[i] (int64) = labels[p]. Draws are those of {@link
     * io.github.cortado.random.Streams#augmentation} (seed, epoch, p, ordinal).
     *
     * @param order int32, at least position + targets.length of them
     * @param values float32, 768 of them
     * @param position a long
     * @param epoch a long
     */
    void pictures(
            Buffer pixels,
            Buffer labels,
            Buffer order,
            Buffer values,
            Buffer images,
            Buffer targets,
            StepValue position,
            StepValue epoch,
            PictureSpec spec);
}
