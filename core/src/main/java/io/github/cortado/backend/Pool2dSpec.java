package io.github.cortado.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of a two-dimensional pooling: input [n, channels, h, w], output [n, channels, outH, outW].
 *
 * @param countIncludePad for averages: whether padding counts in the divisor
 * @param relu for maxima: whether those below 0 become 0
 */
public record Pool2dSpec(
        int n,
        int channels,
        int h,
        int w,
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padH,
        int padW,
        boolean countIncludePad,
        boolean relu) {
    /** The index of a window whose gradient goes nowhere; see {@link Backend#maxPool2d}. */
    public static final int NOWHERE = 255;

    /** A pooling by itself. */
    public Pool2dSpec(
            int n,
            int channels,
            int h,
            int w,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int padH,
            int padW,
            boolean countIncludePad) {
        this(
                n,
                channels,
                h,
                w,
                kernelH,
                kernelW,
                strideH,
                strideW,
                padH,
                padW,
                countIncludePad,
                false);
    }

    /** The same windows, and max(y, 0). */
    public Pool2dSpec withRelu() {
        return new Pool2dSpec(
                n,
                channels,
                h,
                w,
                kernelH,
                kernelW,
                strideH,
                strideW,
                padH,
                padW,
                countIncludePad,
                true);
    }

    /** Output height: floor((h + 2 padH - kernelH) / strideH) + 1. */
    public int outH() {
        return Math.floorDiv(h + 2 * padH - kernelH, strideH) + 1;
    }

    /** Output width: floor((w + 2 padW - kernelW) / strideW) + 1. */
    public int outW() {
        return Math.floorDiv(w + 2 * padW - kernelW, strideW) + 1;
    }

    /** Whether windows of 2 x 2 tile the picture in pairs of rows and columns, without padding. */
    public boolean isTwoByTwo() {
        return kernelH == 2
                && kernelW == 2
                && strideH == 2
                && strideW == 2
                && padH == 0
                && padW == 0;
    }

    /** Whether the places of a window fit a byte beside {@link #NOWHERE}. */
    public boolean placesFitAByte() {
        return kernelH * kernelW < NOWHERE;
    }

    // Written out, for plans are kept by it: what javac makes of a record costs 25 ms at its first
    // use.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Pool2dSpec s && Arrays.equals(numbers(), s.numbers());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers());
    }

    private int[] numbers() {
        return new int[] {
            n,
            channels,
            h,
            w,
            kernelH,
            kernelW,
            strideH,
            strideW,
            padH,
            padW,
            countIncludePad ? 1 : 0,
            relu ? 1 : 0
        };
    }
}
