package io.github.cortado.backend;

/**
 * Sizes of a batch normalisation over x [n, channels, inner], and bounds that cut its results off.
 *
 * @param eps added to the variance
 * @param momentum share of the new value in running statistics: r = (1 - momentum) r + momentum v
 * @param low what results are at least; negative infinity is no bound
 * @param high what they are at most; infinity is no bound
 */
public record NormSpec(
        int n, int channels, int inner, double eps, double momentum, double low, double high) {
    /** Without bounds. */
    public NormSpec(int n, int channels, int inner, double eps, double momentum) {
        this(n, channels, inner, eps, momentum, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** The same with results from {@code least} to {@code most}. */
    public NormSpec within(double least, double most) {
        return new NormSpec(n, channels, inner, eps, momentum, least, most);
    }

    /** Whether there is a bound. */
    public boolean isBounded() {
        return low > Double.NEGATIVE_INFINITY || high < Double.POSITIVE_INFINITY;
    }
}
