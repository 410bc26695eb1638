package io.github.cortado.nn;

import io.github.cortado.ops.PoolWindows;

/**
 * Windows of a {@link Functional#maxPool2d(io.github.cortado.Tensor, Pool2dOptions) pooling},
 * downwards and to the right: their size, the step from one to the next, the border around the
 * picture, and the distance of a window's elements.
 *
 * @param ceilMode whether a last window may lie partly beyond the border, if it begins before it
 */
public record Pool2dOptions(
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padH,
        int padW,
        int dilationH,
        int dilationW,
        boolean ceilMode) {
    /** Windows without holes, which end where the border does. */
    public Pool2dOptions(int kernelH, int kernelW, int strideH, int strideW, int padH, int padW) {
        this(kernelH, kernelW, strideH, strideW, padH, padW, 1, 1, false);
    }

    /** The same numbers in both directions. */
    public static Pool2dOptions of(int kernel, int stride, int padding) {
        return new Pool2dOptions(kernel, kernel, stride, stride, padding, padding);
    }

    /** Over sequences, which are pictures of one row. */
    static Pool2dOptions ofLines(
            int kernel, int stride, int padding, int dilation, boolean ceilMode) {
        return new Pool2dOptions(1, kernel, 1, stride, 0, padding, 1, dilation, ceilMode);
    }

    /** The same with another distance of a window's elements, for maxima. */
    public Pool2dOptions dilation(int down, int right) {
        return new Pool2dOptions(
                kernelH, kernelW, strideH, strideW, padH, padW, down, right, ceilMode);
    }

    /** The same, with a last window that may lie partly beyond the border, or without. */
    public Pool2dOptions ceilMode(boolean partly) {
        return new Pool2dOptions(
                kernelH, kernelW, strideH, strideW, padH, padW, dilationH, dilationW, partly);
    }

    /** What the operation takes, which checks it. */
    PoolWindows.Along down() {
        return new PoolWindows.Along(kernelH, strideH, padH, dilationH, ceilMode);
    }

    /** As {@link #down}. */
    PoolWindows.Along right() {
        return new PoolWindows.Along(kernelW, strideW, padW, dilationW, ceilMode);
    }
}
