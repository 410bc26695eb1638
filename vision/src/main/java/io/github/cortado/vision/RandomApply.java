package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Applies transforms one after the other with probability p, all or none of them: draw 0 below p,
 * and the draws after it are theirs.
 *
 * @param transforms on 8-bit pictures, in order
 * @param p the probability
 */
public record RandomApply(List<PictureTransform> transforms, double p) implements RandomlyApplied {
    /**
     * Applies these with probability p.
     *
     * @throws IllegalArgumentException where p is no probability
     */
    public RandomApply {
        RandomlyApplied.require("RandomApply", p);
        transforms = List.copyOf(transforms);
    }

    /** Applies these half of the time. */
    public RandomApply(List<PictureTransform> transforms) {
        this(transforms, 0.5);
    }

    // Which of the two pictures it is, not what is on it.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public Image change(Image picture, Image spare, Draws draws) {
        Image current = picture;
        Image other = spare;
        for (PictureTransform transform : transforms) {
            Image result = transform.apply(current, other, draws);
            other = result == current ? other : current;
            current = result;
        }
        return current;
    }

    @Override
    public String toString() {
        return transforms.stream()
                .map(transform -> "    " + transform + "\n")
                .collect(Collectors.joining("", "RandomApply(\n    p=" + p + "\n", ")"));
    }
}
