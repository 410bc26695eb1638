package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution: from x [n, in, h, w] to [n, out, (h - 1) stride - 2 padding + kernel +
 * output padding, ...].
 */
public final class ConvTranspose2d extends Layer {
    private final int in;
    private final int out;
    private final int kernel;
    private int stride = 1;
    private int padding;
    private int outputPadding;
    private final Tensor weight;
    private @Nullable Tensor bias;

    /**
     * With a square kernel and bias.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public ConvTranspose2d(int inChannels, int outChannels, int kernelSize) {
        if (inChannels < 1 || outChannels < 1 || kernelSize < 1) {
            throw new IllegalArgumentException(
                    "ConvTranspose2d: sizes must be at least 1, got "
                            + inChannels
                            + ", "
                            + outChannels
                            + ", "
                            + kernelSize);
        }
        in = inChannels;
        out = outChannels;
        kernel = kernelSize;
        // PyTorch takes the second dimension for the one that is read.
        int fanIn = out * kernel * kernel;
        Tensor zeros = Tensor.zeros(in, out, kernel, kernel);
        weight = parameter("weight", Init.fanIn(zeros, fanIn, Seed.nextParameter()));
        bias = parameter("bias", Init.fanIn(Tensor.zeros(out), fanIn, Seed.nextParameter()));
    }

    /** Distance of what neighbours in x are sent to. */
    public ConvTranspose2d stride(int step) {
        stride = step;
        return this;
    }

    /** What is left out of the result on all four sides. */
    public ConvTranspose2d padding(int border) {
        padding = border;
        return this;
    }

    /** Rows below and columns on the right that are added to the result. */
    public ConvTranspose2d outputPadding(int border) {
        outputPadding = border;
        return this;
    }

    /** Leaves the bias out. */
    public ConvTranspose2d withoutBias() {
        forget("bias");
        bias = null;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.convTranspose2d(x, weight, bias, stride, padding, outputPadding, 1, 1);
    }

    /** The weight [in, out, kernel, kernel]. */
    public Tensor weight() {
        return weight;
    }

    /** The bias [out], if there is one. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    protected String details() {
        StringBuilder s = new StringBuilder();
        s.append(
                String.format(
                        Locale.ROOT,
                        "%d, %d, kernel_size=(%d, %d), stride=(%d, %d)",
                        in,
                        out,
                        kernel,
                        kernel,
                        stride,
                        stride));
        if (padding != 0) {
            s.append(String.format(Locale.ROOT, ", padding=(%d, %d)", padding, padding));
        }
        if (outputPadding != 0) {
            s.append(
                    String.format(
                            Locale.ROOT,
                            ", output_padding=(%d, %d)",
                            outputPadding,
                            outputPadding));
        }
        return s.append(bias == null ? ", bias=False" : "").toString();
    }
}
