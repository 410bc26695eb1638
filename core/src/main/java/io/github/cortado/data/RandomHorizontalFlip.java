package io.github.cortado.data;

/** Mirrors a picture left to right with probability p: draw 0 below p. */
public record RandomHorizontalFlip(double p) implements PictureTransform {
    /**
     * Mirrors with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomHorizontalFlip {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(
                    "RandomHorizontalFlip: p is a probability in [0, 1], got " + p);
        }
    }

    /** Mirrors half of the pictures. */
    public RandomHorizontalFlip() {
        this(0.5);
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        if (draws.uniform() < p) {
            Geometry.flip(picture);
        }
        return picture;
    }

    @Override
    public String toString() {
        return "RandomHorizontalFlip(p=" + p + ")";
    }
}
