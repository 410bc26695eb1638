package io.github.cortado.backend.cpu.vector.conv;

/**
 * What tiles of a convolution with 3 x 3 taps read and write by Winograd, of each of their two
 * sides.
 *
 * <p>With stride 2, an output is w0 x[2i] + w2 x[2i + 2], which is a convolution of every second
 * element by two taps, and w1 x[2i + 1]. Two outputs of the former cost 3 multiplications instead
 * of 4, so that there are 5 x 5 instead of 6 x 6 for 2 x 2 outputs. Of the gradient of the input it
 * is every second element that is a sum of two. {@link WinogradStrided} has the transforms.
 */
enum WinogradForm {
    /** Stride 1, both directions. */
    DENSE(4, 2, 2, 4),

    /** Forward with stride 2. */
    STRIDED(5, 4, 2, 5),

    /** The gradient of the input with stride 2. */
    SPREAD(3, 2, 4, 5);

    /** Which of the 4 transformed weights each of 5 products has. */
    private static final int[] WEIGHTS = {0, 1, 2, 3, 3};

    /** Elements that a tile reads, from those of one tile to those of the next, and written. */
    final int reads;

    final int step;
    final int writes;

    /** Products. */
    final int side;

    WinogradForm(int reads, int step, int writes, int side) {
        this.reads = reads;
        this.step = step;
        this.writes = writes;
        this.side = side;
    }

    /** Products of both sides. */
    int products() {
        return side * side;
    }

    /** Which of the 16 transformed weights a product has. */
    int weights(int product) {
        return this == DENSE ? product : 4 * WEIGHTS[product / side] + WEIGHTS[product % side];
    }
}
