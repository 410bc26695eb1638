package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Conv2d.Options;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Seed;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution layer, x [n, in, h, w] to [n, out, h', w'] with h' = (h + 2 padding
 * - dilation (kernel - 1) - 1) / stride + 1. Stride 1, no padding, dilation 1, one group and a bias
 * unless said otherwise:
 *
 * <pre>{@code new Conv2d(3, 16, 3).padding(1).stride(2)}</pre>
 */
public final class Conv2d extends Layer {
    private final int in;
    private final int out;
    private final int kernelH;
    private final int kernelW;
    private final PhiloxStream weightStream = Seed.nextParameter();
    private final PhiloxStream biasStream = Seed.nextParameter();
    private int strideH = 1;
    private int strideW = 1;
    private int padH;
    private int padW;
    private int dilation = 1;
    private int groups = 1;
    private Tensor weight;
    private @Nullable Tensor bias;

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
        if (inChannels < 1 || outChannels < 1 || kernelH < 1 || kernelW < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Conv2d: sizes must be at least 1, got channels %d, %d, kernel %d x %d",
                            inChannels,
                            outChannels,
                            kernelH,
                            kernelW));
        }
        this.in = inChannels;
        this.out = outChannels;
        this.kernelH = kernelH;
        this.kernelW = kernelW;
        this.weight = parameter("weight", newWeight());
        this.bias = parameter("bias", Init.fanIn(Tensor.zeros(out), fanIn(), biasStream));
    }

    private Tensor newWeight() {
        return Init.fanIn(Tensor.zeros(out, in / groups, kernelH, kernelW), fanIn(), weightStream);
    }

    private int fanIn() {
        return in / groups * kernelH * kernelW;
    }

    /** Step of the kernel in both directions. */
    public Conv2d stride(int stride) {
        return stride(stride, stride);
    }

    /** Step of the kernel downwards and to the right. */
    public Conv2d stride(int down, int right) {
        strideH = down;
        strideW = right;
        options();
        return this;
    }

    /** Zeros added on all four sides. */
    public Conv2d padding(int padding) {
        return padding(padding, padding);
    }

    /** Zeros added above and below, and left and right. */
    public Conv2d padding(int vertical, int horizontal) {
        padH = vertical;
        padW = horizontal;
        options();
        return this;
    }

    /** Distance between the kernel's taps. */
    public Conv2d dilation(int distance) {
        dilation = distance;
        options();
        return this;
    }

    /**
     * Splits the channels into groups that do not see each other; the weights are drawn anew.
     *
     * @throws IllegalArgumentException if a channel count cannot be divided by {@code count}
     */
    public Conv2d groups(int count) {
        if (count < 1 || in % count != 0 || out % count != 0) {
            throw new IllegalArgumentException(
                    "Conv2d: channels "
                            + in
                            + ", "
                            + out
                            + " do not split into "
                            + count
                            + " groups");
        }
        groups = count;
        forget("weight");
        boolean biased = bias != null;
        forget("bias");
        weight = parameter("weight", newWeight());
        bias =
                biased
                        ? parameter("bias", Init.fanIn(Tensor.zeros(out), fanIn(), biasStream))
                        : null;
        return this;
    }

    /** Leaves the bias out. */
    public Conv2d withoutBias() {
        forget("bias");
        bias = null;
        return this;
    }

    private Options options() {
        return new Options(strideH, strideW, padH, padW, dilation, dilation, groups);
    }

    @Override
    public Tensor forward(Tensor x) {
        return io.github.cortado.ops.Conv2d.apply(x, weight, bias, options());
    }

    /** The weight [out, in / groups, kernelH, kernelW]. */
    public Tensor weight() {
        return weight;
    }

    /**
     * Uses another weight of the same shape from now on, which may be another layer's.
     *
     * @throws io.github.cortado.ShapeException if it has another shape
     */
    public Conv2d weight(Tensor other) {
        weight = assign("weight", other);
        return this;
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
                        kernelH,
                        kernelW,
                        strideH,
                        strideW));
        if (padH != 0 || padW != 0) {
            s.append(String.format(Locale.ROOT, ", padding=(%d, %d)", padH, padW));
        }
        if (dilation != 1) {
            s.append(String.format(Locale.ROOT, ", dilation=(%d, %d)", dilation, dilation));
        }
        if (groups != 1) {
            s.append(", groups=").append(groups);
        }
        return s.append(bias == null ? ", bias=False" : "").toString();
    }
}
