package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Optional;

/** A transform from an 8-bit picture to an 8-bit picture; users may write their own. */
public non-sealed interface PictureTransform extends Transform {
    /**
     * Transforms a picture in place, or into the spare one, and returns the one with the result.
     *
     * <p>The spare picture's size and pixels are arbitrary. Which values are random is a function
     * of the draws alone, taken in a fixed order.
     */
    Image apply(Image picture, Image spare, Draws draws);

    /**
     * The same transform of height x width pictures for devices that do it themselves; empty where
     * there is none, so that it is done on the host.
     *
     * @param ordinal its place in the chain
     */
    default Optional<PictureStep> step(int ordinal, int height, int width) {
        return Optional.empty();
    }

    /** Returns the transformed picture, leaving the given one as it is. */
    default Image apply(Image picture, Draws draws) {
        return apply(picture.copy(), new Image(1, 1), draws).copy();
    }
}
