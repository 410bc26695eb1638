package io.github.cortado.backend.cpu.vector.norm;

/**
 * The loops of batch normalisation over some neighbouring channels of one picture.
 *
 * <p>What belongs to a channel is given as [factor, channel, {@link #copies}]: mean, scale and
 * shift of p = (x - mean) scale + shift, then slope and constant of a gradient. Sums come as [sum,
 * channel, {@link #lanes}].
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

    /** Adds dy and dy (x - mean) to two sums, dy where it goes through the limit, else 0. */
    void sums(float[] x, int xo, float[] dy, int go, int length, float[] factors, float[] sums);

    /** y = p, cut off where there is a limit. */
    void affine(float[] x, int xo, float[] y, int yo, float[] factors);

    /** dx = scale dy + slope (x - mean) + constant, dy likewise. */
    void combine(float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors);
}
