package io.github.cortado.backend;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of a two-dimensional convolution: input [n, inChannels, h, w], weight [outChannels,
 * inChannels / groups, kernelH, kernelW], output [n, outChannels, outH, outW]; and what becomes of
 * its results in the same pass.
 *
 * @param limit results are cut off to 0 to limit: 6 is a ReLU6, infinity a ReLU; NaN leaves them.
 *     Of what is pooled, the pooling says so
 * @param pool the pooling whose input the results are, if there is one
 */
public record Conv2dSpec(
        int n,
        int inChannels,
        int h,
        int w,
        int outChannels,
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padH,
        int padW,
        int dilationH,
        int dilationW,
        int groups,
        double limit,
        @Nullable Pool2dSpec pool) {
    /** A convolution by itself. */
    public Conv2dSpec(
            int n,
            int inChannels,
            int h,
            int w,
            int outChannels,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int padH,
            int padW,
            int dilationH,
            int dilationW,
            int groups) {
        this(
                n,
                inChannels,
                h,
                w,
                outChannels,
                kernelH,
                kernelW,
                strideH,
                strideW,
                padH,
                padW,
                dilationH,
                dilationW,
                groups,
                Double.NaN,
                null);
    }

    /** The same convolution by itself. */
    public Conv2dSpec alone() {
        return isRectified() || pool != null ? followedBy(Double.NaN, null) : this;
    }

    /** The same convolution, with results from 0 to {@code most}. */
    public Conv2dSpec rectified(double most) {
        return followedBy(most, null);
    }

    /** Whether results are cut off. */
    public boolean isRectified() {
        return !Double.isNaN(limit);
    }

    /** The same convolution, and the maxima of windows of y. */
    public Conv2dSpec pooled(Pool2dSpec windows) {
        return followedBy(Double.NaN, windows);
    }

    private Conv2dSpec followedBy(double most, @Nullable Pool2dSpec windows) {
        return new Conv2dSpec(
                n,
                inChannels,
                h,
                w,
                outChannels,
                kernelH,
                kernelW,
                strideH,
                strideW,
                padH,
                padW,
                dilationH,
                dilationW,
                groups,
                most,
                windows);
    }

    /** Elements of the convolution's output. */
    public int outputSize() {
        return n * outChannels * outH() * outW();
    }

    /** Output height: floor((h + 2 padH - dilationH (kernelH - 1) - 1) / strideH) + 1. */
    public int outH() {
        return Math.floorDiv(h + 2 * padH - dilationH * (kernelH - 1) - 1, strideH) + 1;
    }

    /** Output width, by the same formula as {@link #outH}. */
    public int outW() {
        return Math.floorDiv(w + 2 * padW - dilationW * (kernelW - 1) - 1, strideW) + 1;
    }

    // Written out, for plans are kept by it: what javac makes of a record costs 25 ms at its first
    // use.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Conv2dSpec s
                && Arrays.equals(numbers(), s.numbers())
                && Objects.equals(pool, s.pool);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(numbers()) + Objects.hashCode(pool);
    }

    private int[] numbers() {
        return new int[] {
            n,
            inChannels,
            h,
            w,
            outChannels,
            kernelH,
            kernelW,
            strideH,
            strideW,
            padH,
            padW,
            dilationH,
            dilationW,
            groups,
            Float.floatToIntBits((float) limit)
        };
    }
}
