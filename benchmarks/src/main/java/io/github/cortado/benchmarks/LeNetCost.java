package io.github.cortado.benchmarks;

/**
 * Floating-point operations of {@link LeNet} for one picture, a multiply-add counted as two. Bias,
 * ReLU, pooling, dropout, loss and Adam are left out: they are not what the multiply-add peak is a
 * limit of.
 */
final class LeNetCost {
    private LeNetCost() {}

    /** In a convolution with same padding: 2 out in kernel^2 side^2. */
    private static long convolution(int in, int out, int kernel, int side) {
        return 2L * out * in * kernel * kernel * side * side;
    }

    /** In a linear layer: 2 in out. */
    private static long linear(int in, int out) {
        return 2L * in * out;
    }

    /** Forward: every layer once. */
    static long forward() {
        return convolution(3, 16, 3, 32)
                + convolution(16, 32, 3, 16)
                + convolution(32, 64, 3, 8)
                + linear(1024, 500)
                + linear(500, 10);
    }

    /**
     * A training step: every layer forward, for the gradient of its weights and for that of its
     * input, except that nobody needs the gradient of the picture.
     */
    static long training() {
        return 3 * forward() - convolution(3, 16, 3, 32);
    }

    /** How the number that belongs to {@code infer} comes about, for people. */
    static String formula(boolean infer) {
        String forward =
                "2 (16*3*9*32*32 + 32*16*9*16*16 + 64*32*9*8*8 + 1024*500 + 500*10) = " + forward();
        return infer
                ? forward
                : "3 forward - 2*16*3*9*32*32 (no gradient of the picture) = "
                        + training()
                        + ", forward = "
                        + forward;
    }
}
