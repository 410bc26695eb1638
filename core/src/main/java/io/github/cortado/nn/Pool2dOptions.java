package io.github.cortado.nn;

import io.github.cortado.ops.Pool2d;

/**
 * Windows of a {@link Functional#maxPool2d(io.github.cortado.Tensor, Pool2dOptions) pooling},
 * downwards and to the right: their size, the step from one to the next, and the border around the
 * picture.
 */
public record Pool2dOptions(
        int kernelH, int kernelW, int strideH, int strideW, int padH, int padW) {
    /** The same numbers in both directions. */
    public static Pool2dOptions of(int kernel, int stride, int padding) {
        return new Pool2dOptions(kernel, kernel, stride, stride, padding, padding);
    }

    /** What the operation takes, which checks it. */
    Pool2d.Options ofOperation() {
        return new Pool2d.Options(kernelH, kernelW, strideH, strideW, padH, padW);
    }
}
