package io.github.cortado.backend;

import java.util.Optional;

/** A backend that makes batches itself, from a data set in its own memory. */
public interface PictureBackend {
    /** Why it cannot do this; empty if it can. */
    Optional<String> obstacle(PictureSpec spec);

    /**
     * Picture i of the batch is number p = order[position + i] of the data set: images[i] (float32,
     * [3, height, width]) is what the transforms make of pixels[p], each byte becoming the value
     * that the source says; targets[i] (int64) = labels[p]. Draws are those of {@link
     * io.github.cortado.random.Streams#augmentation} (seed, epoch, p, ordinal).
     *
     * @param position a long; the source's order has at least position + targets.length numbers
     * @param epoch a long
     */
    void pictures(
            PictureSource source,
            StepValue position,
            StepValue epoch,
            Buffer images,
            Buffer targets,
            PictureSpec spec);
}
