package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.util.List;

/**
 * One pair of operations, chosen at random among the 25 of a policy; ImageNet's unless another is
 * asked for.
 *
 * <p>Draw 0 chooses the pair. Each of its operations then takes a draw, and is left out where that
 * is above its probability, and one for the sign where it has one: below or at a half is negative.
 * Magnitudes are ten steps of {@link RandAugment}'s.
 *
 * @param policy the pairs
 */
public record AutoAugment(AutoAugmentPolicy policy) implements PictureTransform {
    private static final AugmentationSpace SPACE = AugmentationSpace.rand(10);

    /** Has ImageNet's policy. */
    public AutoAugment() {
        this(AutoAugmentPolicy.IMAGENET);
    }

    // Which of the two pictures it is, not what is on it.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        List<List<AutoAugmentPolicy.Step>> pairs = policy.pairs();
        Image current = picture;
        Image other = spare;
        for (AutoAugmentPolicy.Step step : pairs.get((int) draws.fixed(0, pairs.size()))) {
            if (draws.uniform() > step.p()) {
                continue;
            }
            Augmentation operation = step.operation();
            double m = SPACE.magnitude(operation, step.step(), current.height(), current.width());
            if (operation.isSigned() && draws.uniform() <= 0.5f) {
                m = -m;
            }
            Image result = operation.apply(current, other, draws, m);
            other = result == current ? other : current;
            current = result;
        }
        return current;
    }

    @Override
    public String toString() {
        return "AutoAugment(policy=AutoAugmentPolicy." + policy.name() + ")";
    }
}
