package io.github.cortado.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of a two-dimensional convolution: input [n, inChannels, h, w], weight [outChannels,
 * inChannels / groups, kernelH, kernelW], output [n, outChannels, outH, outW].
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
        int groups) {

    /** Elements of the output. */
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
        return other instanceof Conv2dSpec s && Arrays.equals(numbers(), s.numbers());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers());
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
            groups
        };
    }
}
