package io.github.cortado.vision;

import java.util.Locale;

/**
 * Sides of rectangles whose area and aspect are random: the area in [scaleFrom, scaleTo) of that of
 * a picture, the aspect in [ratioFrom, ratioTo), evenly by its logarithm.
 *
 * <p>All in float32 up to the aspect, and in double from there on, as in torchvision; the logarithm
 * and its inverse are StrictMath's, the same on every machine.
 */
record RandomSides(double scaleFrom, double scaleTo, double ratioFrom, double ratioTo) {
    /** How often sides are drawn that do not fit before there is another way out. */
    static final int ATTEMPTS = 10;

    /** The sides of a rectangle: sqrt(area aspect) and sqrt(area / aspect), rounded. */
    record Sides(int first, int second) {}

    /**
     * Checks the two ranges.
     *
     * @throws IllegalArgumentException where one is none
     */
    RandomSides checked(String who, double largestScale) {
        if (!(scaleFrom >= 0 && scaleFrom <= scaleTo && scaleTo > 0 && scaleTo <= largestScale)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: scale must be a range within [0, %s], got (%s, %s)",
                            who,
                            largestScale,
                            scaleFrom,
                            scaleTo));
        }
        if (!(ratioFrom > 0 && ratioFrom <= ratioTo && ratioTo <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: ratio must be a range of positive numbers, got (%s, %s)",
                            who,
                            ratioFrom,
                            ratioTo));
        }
        return this;
    }

    /** Returns this with another scale. */
    RandomSides scale(double from, double to) {
        return new RandomSides(from, to, ratioFrom, ratioTo);
    }

    /** Returns this with another ratio. */
    RandomSides ratio(double from, double to) {
        return new RandomSides(scaleFrom, scaleTo, from, to);
    }

    /** Takes two draws, the area's and the aspect's. */
    Sides draw(int plane, Draws draws) {
        double area = (double) plane * draws.uniform((float) scaleFrom, (float) scaleTo);
        float log = draws.uniform(log(ratioFrom), log(ratioTo));
        float aspect = (float) StrictMath.exp(log);
        return new Sides(round(Math.sqrt(area * aspect)), round(Math.sqrt(area / aspect)));
    }

    private static float log(double ratio) {
        return (float) StrictMath.log((float) ratio);
    }

    /** Halves become even numbers, as Python has it. */
    static int round(double x) {
        return (int) Math.rint(x);
    }

    @Override
    public String toString() {
        return "scale=(%s, %s), ratio=(%s, %s)".formatted(scaleFrom, scaleTo, ratioFrom, ratioTo);
    }
}
