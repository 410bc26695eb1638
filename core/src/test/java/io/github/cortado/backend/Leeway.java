package io.github.cortado.backend;

/**
 * What is forgiven a backend that computes a row by another algorithm than sums of products.
 *
 * @param factor by which it may be farther off than the rounding of a sum allows
 * @param blurs whether what is equal may differ by rounding, so that a maximum is found elsewhere,
 *     and what is not a number may be so in its neighbours too
 * @param maximaAnywhere whether any of equal numbers, or of several NaN, may count as the maximum
 */
public record Leeway(double factor, boolean blurs, boolean maximaAnywhere) {
    /** For sums of products, in whatever order. */
    public static final Leeway NONE = new Leeway(1, false, false);
}
