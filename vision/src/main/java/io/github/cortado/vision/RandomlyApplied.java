package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Optional;

/** A transform that is applied with a probability p: draw 0 below p. */
interface RandomlyApplied extends PictureTransform {
    /** The probability. */
    double p();

    /**
     * Transforms a picture in place, or into the spare one, and returns the one with the result.
     */
    Image change(Image picture, Image spare, Draws draws);

    @Override
    default Image apply(Image picture, Image spare, Draws draws) {
        return draws.uniform() < p() ? change(picture, spare, draws) : picture;
    }

    /** Only where it is never applied: otherwise it is done on the host. */
    @Override
    default Optional<PictureStep> step(int ordinal, int height, int width) {
        return p() == 0 ? Optional.of(PictureStep.none(ordinal)) : Optional.empty();
    }

    /**
     * Checks a probability.
     *
     * @throws IllegalArgumentException where it is none
     */
    static double require(String who, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(who + ": p is a probability in [0, 1], got " + p);
        }
        return p;
    }
}
