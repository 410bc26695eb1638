package io.github.cortado.nn;

import io.github.cortado.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over sequences: from x [n, in, l] to [n, out, l'] with l' = (l + 2 padding -
 * dilation (kernel - 1) - 1) / stride + 1.
 */
public final class Conv1d extends Convolution<Conv1d> {
    /**
     * With bias.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Conv1d(int inChannels, int outChannels, int kernelSize) {
        super(inChannels, outChannels, kernelSize);
    }

    @Override
    void check() {
        new Conv2dOptions(1, stride[0], 0, padding[0], 1, dilation[0], groups()).ofOperation();
    }

    @Override
    Tensor run(Tensor x, Tensor weight, @Nullable Tensor bias, int[] around) {
        return Functional.conv1d(x, weight, bias, stride[0], around[0], dilation[0], groups());
    }

    @Override
    boolean isTransposed() {
        return false;
    }

    @Override
    Conv1d self() {
        return this;
    }
}
