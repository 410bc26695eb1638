package io.github.cortado.nn;

import io.github.cortado.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution: from x [n, in, h, w] to [n, out, h', w'] with h' = (h - 1) stride - 2
 * padding + dilation (kernel - 1) + output padding + 1.
 */
public final class ConvTranspose2d extends Convolution<ConvTranspose2d> {
    /** With a square kernel and bias. */
    public ConvTranspose2d(int inChannels, int outChannels, int kernelSize) {
        this(inChannels, outChannels, kernelSize, kernelSize);
    }

    /**
     * With a kernel of that height and width.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public ConvTranspose2d(int inChannels, int outChannels, int kernelH, int kernelW) {
        super(inChannels, outChannels, kernelH, kernelW);
    }

    /** Rows below and columns on the right that are added to the result. */
    public ConvTranspose2d outputPadding(int border) {
        return set(outputPadding, border, border);
    }

    @Override
    void check() {
        options().ofOperation();
    }

    private Conv2dOptions options() {
        return new Conv2dOptions(
                stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1], groups());
    }

    @Override
    Tensor run(Tensor x, Tensor weight, @Nullable Tensor bias, int[] around) {
        return Functional.convTranspose2d(
                x, weight, bias, options(), outputPadding[0], outputPadding[1]);
    }

    @Override
    boolean isTransposed() {
        return true;
    }

    @Override
    ConvTranspose2d self() {
        return this;
    }
}
