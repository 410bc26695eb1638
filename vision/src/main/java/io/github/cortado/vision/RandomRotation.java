package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.PictureStep.Kind;
import java.util.Optional;

/**
 * Rotates a picture about its centre by an angle in [from, to) degrees, anticlockwise, by draw 0;
 * nearest neighbour, black corners.
 */
public record RandomRotation(double from, double to) implements GeometricTransform {
    /**
     * Rotates by from .. to degrees.
     *
     * @throws IllegalArgumentException unless -360 &lt;= from &lt;= to &lt;= 360
     */
    public RandomRotation {
        if (!(from >= -360 && from <= to && to <= 360)) {
            throw new IllegalArgumentException(
                    "RandomRotation: degrees must be a range within [-360, 360], got (%s, %s)"
                            .formatted(from, to));
        }
    }

    /** Rotates by -degrees .. degrees. */
    public RandomRotation(double degrees) {
        this(-degrees, degrees);
    }

    @Override
    public boolean map(int height, int width, Draws draws, long[] map) {
        long angle = draws.fixed(FixedPoint.of(from), FixedPoint.of(to));
        Geometry.rotation(angle, height, width, map);
        return true;
    }

    @Override
    public Optional<PictureStep> step(int ordinal, int height, int width) {
        long[] limits = {FixedPoint.of(from), FixedPoint.of(to)};
        return Optional.of(new PictureStep(Kind.ROTATE, ordinal, limits));
    }

    @Override
    public String toString() {
        return "RandomRotation(degrees=[%s, %s], interpolation=nearest, expand=False, fill=0)"
                .formatted(from, to);
    }
}
