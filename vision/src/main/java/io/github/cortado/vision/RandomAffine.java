package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.PictureStep.Kind;
import java.util.Optional;

/**
 * Shears, scales, rotates about the centre and moves a picture; nearest neighbour, black fill.
 *
 * <p>Draw 0 is the angle, 1 and 2 the translation in whole pixels, 3 the scale, 4 and 5 the shears
 * along x and y. What is not asked for stays as it is: {@code new RandomAffine(0).shear(10)
 * .scale(0.8, 1.2)}.
 */
public final class RandomAffine implements GeometricTransform {
    private final double degrees;
    private final double translateX;
    private final double translateY;
    private final double scaleFrom;
    private final double scaleTo;
    private final double shearX;
    private final double shearY;

    /**
     * Rotates by -degrees .. degrees.
     *
     * @throws IllegalArgumentException unless 0 &lt;= degrees &lt;= 360
     */
    public RandomAffine(double degrees) {
        this(degrees, 0, 0, 1, 1, 0, 0);
    }

    private RandomAffine(
            double degrees,
            double translateX,
            double translateY,
            double scaleFrom,
            double scaleTo,
            double shearX,
            double shearY) {
        require(degrees >= 0 && degrees <= 360, "degrees must be in [0, 360]", degrees);
        require(translateX >= 0 && translateX <= 1, "translate must be in [0, 1]", translateX);
        require(translateY >= 0 && translateY <= 1, "translate must be in [0, 1]", translateY);
        require(Transforms.validScale(scaleFrom), "scale must be in [1/128, 128]", scaleFrom);
        require(Transforms.validScale(scaleTo), "scale must be in [1/128, 128]", scaleTo);
        require(scaleFrom <= scaleTo, "scale must not begin above its end", scaleFrom);
        require(shearX >= 0 && shearX <= 80, "shear must be in [0, 80] degrees", shearX);
        require(shearY >= 0 && shearY <= 80, "shear must be in [0, 80] degrees", shearY);
        this.degrees = degrees;
        this.translateX = translateX;
        this.translateY = translateY;
        this.scaleFrom = scaleFrom;
        this.scaleTo = scaleTo;
        this.shearX = shearX;
        this.shearY = shearY;
    }

    private static void require(boolean valid, String rule, double value) {
        if (!valid) {
            throw new IllegalArgumentException("RandomAffine: " + rule + ", got " + value);
        }
    }

    /** Returns this with a translation by up to these fractions of width and height, either way. */
    public RandomAffine translate(double x, double y) {
        return new RandomAffine(degrees, x, y, scaleFrom, scaleTo, shearX, shearY);
    }

    /** Returns this with a scale in [from, to), both within [1/128, 128]. */
    public RandomAffine scale(double from, double to) {
        return new RandomAffine(degrees, translateX, translateY, from, to, shearX, shearY);
    }

    /** Returns this with a shear along x by -degrees .. degrees, at most 80. */
    public RandomAffine shear(double degrees) {
        return shear(degrees, 0);
    }

    /** Returns this with shears along x and y by up to x and y degrees, at most 80. */
    public RandomAffine shear(double x, double y) {
        return new RandomAffine(degrees, translateX, translateY, scaleFrom, scaleTo, x, y);
    }

    @Override
    public boolean map(int height, int width, Draws draws, long[] map) {
        long angle = symmetric(degrees, draws);
        int x = pixels(translateX * width, draws);
        int y = pixels(translateY * height, draws);
        long scale = draws.fixed(FixedPoint.of(scaleFrom), FixedPoint.of(scaleTo));
        long sx = symmetric(shearX, draws);
        long sy = symmetric(shearY, draws);
        Geometry.affine(new Geometry.Affine(angle, x, y, scale, sx, sy), height, width, map);
        return true;
    }

    private static long symmetric(double limit, Draws draws) {
        long fixed = FixedPoint.of(limit);
        return draws.fixed(-fixed, fixed);
    }

    private static int pixels(double limit, Draws draws) {
        long fixed = fixedPixels(limit);
        return (int) ((draws.fixed(-fixed, fixed) + 32768) >> 16);
    }

    /** 16 fraction bits: a picture may be far wider than an angle. */
    private static long fixedPixels(double limit) {
        return (long) Math.floor(limit * 65536 + 0.5);
    }

    @Override
    public Optional<PictureStep> step(int ordinal, int height, int width) {
        long angle = FixedPoint.of(degrees);
        long right = fixedPixels(translateX * width);
        long down = fixedPixels(translateY * height);
        long sx = FixedPoint.of(shearX);
        long sy = FixedPoint.of(shearY);
        long[] limits = {
            -angle,
            angle,
            -right,
            right,
            -down,
            down,
            FixedPoint.of(scaleFrom),
            FixedPoint.of(scaleTo),
            -sx,
            sx,
            -sy,
            sy
        };
        return Optional.of(new PictureStep(Kind.AFFINE, ordinal, limits));
    }

    @Override
    public String toString() {
        return ("RandomAffine(degrees=[%s, %s], translate=(%s, %s), scale=(%s, %s),"
                        + " shear=[%s, %s, %s, %s])")
                .formatted(
                        -degrees,
                        degrees,
                        translateX,
                        translateY,
                        scaleFrom,
                        scaleTo,
                        0 - shearX,
                        shearX,
                        -shearY,
                        shearY);
    }
}
