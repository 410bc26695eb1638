package io.github.cortado.nn;

import io.github.cortado.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution over sequences: from x [n, in, l] to [n, out, l'] with l' = (l - 1)
 * stride - 2 padding + dilation (kernel - 1) + output padding + 1.
 */
public final class ConvTranspose1d extends Convolution<ConvTranspose1d> {
    /**
     * With bias.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public ConvTranspose1d(int inChannels, int outChannels, int kernelSize) {
        super(inChannels, outChannels, kernelSize);
    }

    /** Elements that are added to the result's end. */
    public ConvTranspose1d outputPadding(int border) {
        return set(outputPadding, border);
    }

    @Override
    void check() {
        new Conv2dOptions(1, stride[0], 0, padding[0], 1, dilation[0], groups()).ofOperation();
    }

    @Override
    Tensor run(Tensor x, Tensor weight, @Nullable Tensor bias, int[] around) {
        return Functional.convTranspose1d(
                x, weight, bias, stride[0], around[0], outputPadding[0], groups(), dilation[0]);
    }

    @Override
    boolean isTransposed() {
        return true;
    }

    @Override
    ConvTranspose1d self() {
        return this;
    }
}
