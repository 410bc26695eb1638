package io.github.cortado.backend;

/**
 * Sizes of a batch normalisation over x [n, channels, inner], and whether it rectifies its results.
 *
 * @param eps added to the variance
 * @param momentum share of the new value in running statistics: r = (1 - momentum) r + momentum v
 * @param limit results are cut off to 0 to limit: 6 is a ReLU6, infinity a ReLU; NaN leaves them
 */
public record NormSpec(int n, int channels, int inner, double eps, double momentum, double limit) {
    /** Of results that are left as they are. */
    public NormSpec(int n, int channels, int inner, double eps, double momentum) {
        this(n, channels, inner, eps, momentum, Double.NaN);
    }

    /** The same with results from 0 to {@code most}. */
    public NormSpec rectified(double most) {
        return new NormSpec(n, channels, inner, eps, momentum, most);
    }

    /** Whether results are cut off. */
    public boolean isRectified() {
        return !Double.isNaN(limit);
    }
}
