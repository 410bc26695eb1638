package io.github.cortado.vision;

/** Mirrors a picture top to bottom with probability p: draw 0 below p. */
public record RandomVerticalFlip(double p) implements GeometricTransform {
    /**
     * Mirrors with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomVerticalFlip {
        RandomlyApplied.require("RandomVerticalFlip", p);
    }

    /** Mirrors half of the pictures. */
    public RandomVerticalFlip() {
        this(0.5);
    }

    @Override
    public boolean map(int height, int width, Draws draws, long[] map) {
        if (draws.uniform() >= p) {
            return false;
        }
        Geometry.flipVertically(height, map);
        return true;
    }

    @Override
    public String toString() {
        return "RandomVerticalFlip(p=" + p + ")";
    }
}
