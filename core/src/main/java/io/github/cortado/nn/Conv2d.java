package io.github.cortado.nn;

import io.github.cortado.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution layer, x [n, in, h, w] to [n, out, h', w'] with h' = (h + 2 padding
 * - dilation (kernel - 1) - 1) / stride + 1. Stride 1, no padding, dilation 1, one group and a bias
 * unless said otherwise:
 *
 * <pre>{@code new Conv2d(3, 16, 3).padding(1).stride(2)}</pre>
 */
public final class Conv2d extends Convolution<Conv2d> {
    /** A layer with a square kernel. */
    public Conv2d(int inChannels, int outChannels, int kernel) {
        this(inChannels, outChannels, kernel, kernel);
    }

    /**
     * A layer with a kernel of that height and width.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Conv2d(int inChannels, int outChannels, int kernelH, int kernelW) {
        super(inChannels, outChannels, kernelH, kernelW);
    }

    /** Step of the kernel downwards and to the right. */
    public Conv2d stride(int down, int right) {
        return set(stride, down, right);
    }

    /** Padding above and below, and left and right. */
    public Conv2d padding(int vertical, int horizontal) {
        padding(0);
        return set(padding, vertical, horizontal);
    }

    /** Distance between the kernel's taps downwards and to the right. */
    public Conv2d dilation(int down, int right) {
        return set(dilation, down, right);
    }

    @Override
    void check() {
        options(padding).ofOperation();
    }

    private Conv2dOptions options(int[] around) {
        return new Conv2dOptions(
                stride[0], stride[1], around[0], around[1], dilation[0], dilation[1], groups());
    }

    @Override
    Tensor run(Tensor x, Tensor weight, @Nullable Tensor bias, int[] around) {
        return Functional.conv2d(x, weight, bias, options(around));
    }

    @Override
    boolean isTransposed() {
        return false;
    }

    @Override
    Conv2d self() {
        return this;
    }
}
