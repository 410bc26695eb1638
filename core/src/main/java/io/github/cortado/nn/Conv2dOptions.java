package io.github.cortado.nn;

import io.github.cortado.ops.Conv2d;

/**
 * Numbers of a {@link Functional#conv2d convolution} that do not come from shapes, downwards and to
 * the right: the kernel's step, zeros added on either side, the distance of its taps; and how many
 * groups of channels do not see each other.
 */
public record Conv2dOptions(
        int strideH, int strideW, int padH, int padW, int dilationH, int dilationW, int groups) {
    /** The same number in both directions. */
    public static Conv2dOptions of(int stride, int padding, int dilation, int groups) {
        return new Conv2dOptions(stride, stride, padding, padding, dilation, dilation, groups);
    }

    /** What the operation takes, which checks it. */
    Conv2d.Options ofOperation() {
        return new Conv2d.Options(strideH, strideW, padH, padW, dilationH, dilationW, groups);
    }
}
