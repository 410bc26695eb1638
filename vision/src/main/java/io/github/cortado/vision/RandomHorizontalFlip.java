package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.PictureStep.Kind;
import io.github.cortado.data.Image;
import java.util.Optional;

/** Mirrors a picture left to right with probability p: draw 0 below p. */
public record RandomHorizontalFlip(double p) implements GeometricTransform {
    /**
     * Mirrors with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomHorizontalFlip {
        RandomlyApplied.require("RandomHorizontalFlip", p);
    }

    /** Mirrors half of the pictures. */
    public RandomHorizontalFlip() {
        this(0.5);
    }

    @Override
    public boolean map(int height, int width, Draws draws, long[] map) {
        if (draws.uniform() >= p) {
            return false;
        }
        Geometry.flip(width, map);
        return true;
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        if (map(picture.height(), picture.width(), draws, draws.maps[0])) {
            Geometry.flip(picture);
        }
        return picture;
    }

    @Override
    public Optional<PictureStep> step(int ordinal, int height, int width) {
        // A draw is 24 bits: below p exactly where they are below p 2^24.
        long[] threshold = {(long) Math.ceil(p * (1 << 24))};
        return Optional.of(new PictureStep(Kind.FLIP, ordinal, threshold));
    }

    @Override
    public String toString() {
        return "RandomHorizontalFlip(p=" + p + ")";
    }
}
