package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A convolution over sequences: from x [n, in, l] to [n, out, l']. */
public final class Conv1d extends Layer {
    private final int in;
    private final int out;
    private final int kernel;
    private int stride = 1;
    private int padding;
    private int dilation = 1;
    private final Tensor weight;
    private @Nullable Tensor bias;

    /**
     * With bias.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Conv1d(int inChannels, int outChannels, int kernelSize) {
        if (inChannels < 1 || outChannels < 1 || kernelSize < 1) {
            throw new IllegalArgumentException(
                    "Conv1d: sizes must be at least 1, got "
                            + inChannels
                            + ", "
                            + outChannels
                            + ", "
                            + kernelSize);
        }
        in = inChannels;
        out = outChannels;
        kernel = kernelSize;
        Tensor zeros = Tensor.zeros(out, in, kernel);
        weight = parameter("weight", Init.fanIn(zeros, in * kernel, Seed.nextParameter()));
        bias = parameter("bias", Init.fanIn(Tensor.zeros(out), in * kernel, Seed.nextParameter()));
    }

    /** Step of the kernel. */
    public Conv1d stride(int step) {
        stride = step;
        return this;
    }

    /** Zeros added at both ends. */
    public Conv1d padding(int zeros) {
        padding = zeros;
        return this;
    }

    /** Distance between the kernel's taps. */
    public Conv1d dilation(int distance) {
        dilation = distance;
        return this;
    }

    /** Leaves the bias out. */
    public Conv1d withoutBias() {
        forget("bias");
        bias = null;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.conv1d(x, weight, bias, stride, padding, dilation, 1);
    }

    /** The weight [out, in, kernel]. */
    public Tensor weight() {
        return weight;
    }

    /** The bias [out], if there is one. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    protected String details() {
        String s =
                String.format(
                        Locale.ROOT,
                        "%d, %d, kernel_size=(%d,), stride=(%d,)",
                        in,
                        out,
                        kernel,
                        stride);
        s += padding == 0 ? "" : String.format(Locale.ROOT, ", padding=(%d,)", padding);
        s += dilation == 1 ? "" : String.format(Locale.ROOT, ", dilation=(%d,)", dilation);
        return s + (bias == null ? ", bias=False" : "");
    }
}
