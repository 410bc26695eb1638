package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * A transform that moves pixels and keeps the picture's size. Several in a row are done in one pass
 * where {@link VectorGeometry} can.
 */
interface GeometricTransform extends PictureTransform {
    /**
     * Draws what is random and writes the {@link Geometry} map of height x width pictures; returns
     * false where the picture stays as it is.
     */
    boolean map(int height, int width, Draws draws, long[] map);

    @Override
    default Image apply(Image picture, Image spare, Draws draws) {
        if (!map(picture.height(), picture.width(), draws, draws.maps[0])) {
            return picture;
        }
        Geometry.sample(picture, draws.maps[0], spare);
        return spare;
    }
}
