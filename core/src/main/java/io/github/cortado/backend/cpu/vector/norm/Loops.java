package io.github.cortado.backend.cpu.vector.norm;

/**
 * The loops of batch normalisation over some neighbouring channels of one picture.
 *
 * <p>What belongs to a channel, its mean and other factors, is given as [factor, channel, {@link
 * #copies}], and sums come as [sum, channel, {@link #lanes}].
 */
interface Loops {
    /** How often each factor of a channel is given. */
    int copies();

    /** Floats of a sum of a channel. */
    int lanes();

    /**
     * Adds x - pivot and (x - pivot)^2 to two sums, by the first {@code length} elements of each
     * channel from {@code at} on.
     */
    void moments(float[] x, int at, int length, float[] pivots, float[] sums);

    /** Adds dy and dy (x - mean) to two sums. */
    void sums(float[] x, int xo, float[] dy, int go, int length, float[] means, float[] sums);

    /** y = (x - mean) scale + shift; the factors are those. */
    void affine(float[] x, int xo, float[] y, int yo, float[] factors);

    /** dx = a dy + b (x - mean) + c; the factors are mean, a, b and c. */
    void combine(float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors);
}
