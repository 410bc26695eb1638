package io.github.cortado.backend;

/**
 * Sizes of a normalisation over rows, x [rows, n].
 *
 * @param inner so many neighbours in a row share a weight; n is a multiple of it
 * @param groups so many rows have weights of their own, then they come again
 * @param centred whether the mean is subtracted; else it is taken for 0, and the variance is the
 *     mean of the squares
 * @param eps added to the variance
 */
public record LayerNormSpec(int rows, int n, int inner, int groups, boolean centred, double eps) {
    /** A layer normalisation: a weight for each element of a row. */
    public LayerNormSpec(int rows, int n, double eps) {
        this(rows, n, 1, 1, true, eps);
    }

    /** How many weights a row has. */
    public int weightsOfARow() {
        return n / inner;
    }

    /** How many there are. */
    public int weights() {
        return groups * weightsOfARow();
    }

    /** The first weight of a row. */
    public int firstWeight(int row) {
        return row % groups * weightsOfARow();
    }
}
