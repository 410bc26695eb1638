package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.ops.Arrange;
import io.github.cortado.ops.Attention;
import io.github.cortado.ops.Bags;
import io.github.cortado.ops.ClassLosses;
import io.github.cortado.ops.Conv2d;
import io.github.cortado.ops.ConvTranspose2d;
import io.github.cortado.ops.CrossEntropy;
import io.github.cortado.ops.Ctc;
import io.github.cortado.ops.Dropout;
import io.github.cortado.ops.GatedLinear;
import io.github.cortado.ops.GroupNormalise;
import io.github.cortado.ops.Layout;
import io.github.cortado.ops.Linear;
import io.github.cortado.ops.Normalise;
import io.github.cortado.ops.Patches;
import io.github.cortado.ops.Pointwise;
import io.github.cortado.ops.Pool2d;
import io.github.cortado.ops.PoolWindows;
import io.github.cortado.ops.Resize;
import io.github.cortado.ops.Select;
import io.github.cortado.ops.Take;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Activations, layers and losses as functions, as in {@code torch.nn.functional}; meant for static
 * import.
 */
public final class Functional {
    /** Targets with this value are ignored by {@link #crossEntropy} unless another is named. */
    public static final long IGNORE_INDEX = -100;

    private Functional() {}

    /** max(x, 0). */
    public static Tensor relu(Tensor x) {
        return Pointwise.apply(Formulas.RELU, x);
    }

    /** min(max(x, 0), 6). */
    public static Tensor relu6(Tensor x) {
        return Pointwise.apply(Formulas.RELU6, x);
    }

    /** x min(max(x + 3, 0), 6) / 6 (Howard et al., arXiv 1905.02244). */
    public static Tensor hardswish(Tensor x) {
        return Pointwise.apply(Formulas.HARDSWISH, x);
    }

    /** x where positive, else {@code negativeSlope} x (PyTorch's default is 0.01). */
    public static Tensor leakyRelu(Tensor x, double negativeSlope) {
        return Pointwise.apply(Formulas.LEAKY_RELU, x, negativeSlope);
    }

    /** x where positive, else alpha (e^x - 1) (PyTorch's default alpha is 1). */
    public static Tensor elu(Tensor x, double alpha) {
        return Pointwise.apply(Formulas.ELU, x, alpha);
    }

    /** x where positive, else alpha (e^(x / alpha) - 1) (PyTorch's default alpha is 1). */
    public static Tensor celu(Tensor x, double alpha) {
        return Pointwise.apply(Formulas.CELU, x, alpha);
    }

    /** A scaled {@link #elu}, whose numbers keep mean 0 and variance 1 (arXiv 1706.02515). */
    public static Tensor selu(Tensor x) {
        return Pointwise.apply(Formulas.SELU, x);
    }

    /** x, but 0 where |x| is at most lambda (PyTorch's default is 0.5). */
    public static Tensor hardshrink(Tensor x, double lambda) {
        return Pointwise.apply(Formulas.HARDSHRINK, x, lambda);
    }

    /** x moved by lambda towards 0, where it stays (PyTorch's default is 0.5). */
    public static Tensor softshrink(Tensor x, double lambda) {
        return Pointwise.apply(Formulas.SOFTSHRINK, x, lambda);
    }

    /** x - tanh x. */
    public static Tensor tanhshrink(Tensor x) {
        return Pointwise.apply(Formulas.TANHSHRINK, x);
    }

    /** x where above the threshold, else {@code value}. */
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return Pointwise.apply(Formulas.THRESHOLD, x, threshold, value);
    }

    /** Softmax of -x along one dimension. */
    public static Tensor softmin(Tensor x, int dim) {
        return x.neg().softmax(dim);
    }

    /** 1 / (1 + e^-x). */
    public static Tensor sigmoid(Tensor x) {
        return Pointwise.apply(Formulas.SIGMOID, x);
    }

    /** Hyperbolic tangent. */
    public static Tensor tanh(Tensor x) {
        return Pointwise.apply(Formulas.TANH, x);
    }

    /** x Phi(x), exact (Hendrycks and Gimpel, arXiv 1606.08415). */
    public static Tensor gelu(Tensor x) {
        return Pointwise.apply(Formulas.GELU, x);
    }

    /**
     * x (1 + tanh((2 / pi)^(1/2) (x + 0.044715 x^3))) / 2, PyTorch's {@code gelu(x,
     * approximate='tanh')}.
     */
    public static Tensor geluTanh(Tensor x) {
        return Pointwise.apply(Formulas.GELU_TANH, x);
    }

    /** min(max(x + 3, 0), 6) / 6. */
    public static Tensor hardsigmoid(Tensor x) {
        return Pointwise.apply(Formulas.HARDSIGMOID, x);
    }

    /** x / (1 + |x|). */
    public static Tensor softsign(Tensor x) {
        return Pointwise.apply(Formulas.SOFTSIGN, x);
    }

    /** ln sigmoid(x). */
    public static Tensor logSigmoid(Tensor x) {
        return Pointwise.apply(Formulas.LOG_SIGMOID, x);
    }

    /** x tanh(ln(1 + e^x)) (Misra, arXiv 1908.08681). */
    public static Tensor mish(Tensor x) {
        return Pointwise.apply(Formulas.MISH, x);
    }

    /**
     * The first half of x along one dimension, times the sigmoid of the second (Dauphin et al.,
     * arXiv 1612.08083).
     *
     * @throws ShapeException if the dimension's size is odd
     */
    public static Tensor glu(Tensor x, int dim) {
        return GatedLinear.glu(x, dim);
    }

    /** x sigmoid(x). */
    public static Tensor silu(Tensor x) {
        return Pointwise.apply(Formulas.SILU, x);
    }

    /** ln(1 + e^x). */
    public static Tensor softplus(Tensor x) {
        return Pointwise.apply(Formulas.SOFTPLUS, x);
    }

    /** x where positive, else w x, w [1] or one number a channel of x [n, channels, ...]. */
    public static Tensor prelu(Tensor x, Tensor weight) {
        if (weight.size() == 1) {
            return Pointwise.apply(Formulas.PRELU, x, weight.reshape());
        }
        int rank = x.shape().rank();
        if (rank < 2 || weight.size() != x.dim(1)) {
            throw new ShapeException(
                    "prelu: weight " + weight.shape() + " does not fit channels of " + x.shape());
        }
        int[] channel = new int[rank - 1];
        Arrays.fill(channel, 1);
        channel[0] = x.dim(1);
        return Pointwise.apply(Formulas.PRELU, x, weight.reshape(channel));
    }

    /** min(max(x, low), high) (PyTorch's defaults are -1 and 1); dx = dy between them, else 0. */
    public static Tensor hardtanh(Tensor x, double low, double high) {
        return Pointwise.apply(Formulas.HARDTANH, x, low, high);
    }

    /** x divided by max(its norm along one dimension, eps). */
    public static Tensor normalize(Tensor x, int dim, double eps) {
        Tensor norm = x.norm(true, dim);
        return x.div(norm.clamp(eps, Double.POSITIVE_INFINITY));
    }

    /**
     * The product of a and b along one dimension, each divided by max(its norm, eps). Their
     * gradients are those of the norms, also where eps is larger, as in PyTorch.
     */
    public static Tensor cosineSimilarity(Tensor a, Tensor b, int dim, double eps) {
        return overSize(a, dim, eps).mul(overSize(b, dim, eps)).sum(false, dim);
    }

    private static Tensor overSize(Tensor x, int dim, double eps) {
        Tensor norm = x.norm(true, dim);
        Tensor missing = relu(norm.detach().neg().add(eps));
        return x.div(norm.add(missing));
    }

    /**
     * x with elements before and after its last dimensions.
     *
     * @param padding in PyTorch's order: before and after the last dimension, the last but one, ...
     * @param mode {@code constant}, {@code reflect} (mirrored at the outermost elements), {@code
     *     replicate} (these again) or {@code circular} (those of the other end)
     * @param value of {@code constant}
     * @throws IllegalArgumentException if the mode is another word, or the numbers make no pairs
     */
    public static Tensor pad(Tensor x, int[] padding, String mode, double value) {
        int rank = x.shape().rank();
        if (padding.length % 2 != 0 || padding.length > 2 * rank) {
            throw new IllegalArgumentException(
                    "pad: expected a pair of numbers for each of up to "
                            + rank
                            + " dimensions, got "
                            + Arrays.toString(padding));
        }
        if (mode.equals("constant")) {
            int[] before = new int[rank];
            int[] after = new int[rank];
            for (int i = 0; i < padding.length / 2; i++) {
                before[rank - 1 - i] = padding[2 * i];
                after[rank - 1 - i] = padding[2 * i + 1];
            }
            return Arrange.pad(x, before, after, value);
        }
        Arrange.Border border =
                switch (mode) {
                    case "reflect" -> Arrange.Border.REFLECT;
                    case "replicate" -> Arrange.Border.REPLICATE;
                    case "circular" -> Arrange.Border.CIRCULAR;
                    default ->
                            throw new IllegalArgumentException(
                                    "pad: expected constant, reflect, replicate or circular as"
                                            + " mode, got "
                                            + mode);
                };
        Tensor y = x;
        for (int i = 0; i < padding.length / 2; i++) {
            y = Arrange.padWithOwn(y, -1 - i, padding[2 * i], padding[2 * i + 1], border);
        }
        return y;
    }

    /** Softmax along one dimension. */
    public static Tensor softmax(Tensor x, int dim) {
        return x.softmax(dim);
    }

    /** Logarithm of the softmax along one dimension. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        return x.logSoftmax(dim);
    }

    /**
     * softmax(q k^T / sqrt(d)) v (Vaswani et al., arXiv 1706.03762): q [..., t, d], k [..., s, d],
     * v [..., s, e], the result [..., t, e].
     *
     * <p>It is one operation, which keeps no scores, where d and e are at most 128 and the leading
     * dimensions are the same; else products and a softmax. A key that a query does not see should
     * be finite, and so should its value: what is not a number may show, or not.
     *
     * @throws ShapeException if the shapes do not fit
     */
    public static Tensor scaledDotProductAttention(Tensor q, Tensor k, Tensor v) {
        return Attention.apply(q, k, v, null, null);
    }

    /**
     * As {@link #scaledDotProductAttention(Tensor, Tensor, Tensor)}, with numbers that are added to
     * the scores: 0 where a place may be seen, -infinity where not. A line that sees nothing is 0.
     * Where a gradient of the mask is asked for it is products and a softmax.
     *
     * @param mask of a shape that stretches to [..., t, s]
     */
    public static Tensor scaledDotProductAttention(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return Attention.apply(q, k, v, mask, null);
    }

    /**
     * As {@link #scaledDotProductAttention(Tensor, Tensor, Tensor)}, where {@code isCausal} lets
     * place t see the places up to t alone.
     */
    public static Tensor scaledDotProductAttention(Tensor q, Tensor k, Tensor v, boolean isCausal) {
        return isCausal ? Attention.causal(q, k, v, null) : Attention.apply(q, k, v, null, null);
    }

    /**
     * As {@link #scaledDotProductAttention(Tensor, Tensor, Tensor, boolean)}, with {@linkplain
     * #dropout(Tensor, double, Draws) dropout} of the weights, which a block leaves out in
     * evaluation. With a probability above 0 it is products, a softmax and a dropout, and all
     * weights are in memory.
     */
    public static Tensor scaledDotProductAttention(
            Tensor q, Tensor k, Tensor v, boolean isCausal, double dropoutP, Draws draws) {
        UnaryOperator<Tensor> dropout = ofWeights(dropoutP, draws);
        return isCausal
                ? Attention.causal(q, k, v, dropout)
                : Attention.apply(q, k, v, null, dropout);
    }

    private static @Nullable UnaryOperator<Tensor> ofWeights(double dropoutP, Draws draws) {
        return dropoutP == 0 ? null : weights -> dropout(weights, dropoutP, draws);
    }

    /**
     * {@link #scaledDotProductAttention(Tensor, Tensor, Tensor, boolean)} of sequences to
     * themselves, in several heads: queries, keys and values are side by side in qkv [n, t, 3
     * width], as one linear layer makes them of [n, t, width], and in each of them the heads, which
     * share the width; so are those of the result, [n, t, width].
     *
     * @throws ShapeException if the heads cannot share the width
     */
    public static Tensor selfAttention(Tensor qkv, int heads, boolean isCausal) {
        return Attention.ofHeads(List.of(qkv), heads, true, null, isCausal, null);
    }

    /**
     * As {@link #selfAttention(Tensor, int, boolean)}, with {@linkplain #dropout(Tensor, double,
     * Draws) dropout} of the weights, which a block leaves out in evaluation.
     */
    public static Tensor selfAttention(
            Tensor qkv, int heads, boolean isCausal, double dropoutP, Draws draws) {
        UnaryOperator<Tensor> dropout = ofWeights(dropoutP, draws);
        return Attention.ofHeads(List.of(qkv), heads, true, null, isCausal, dropout);
    }

    /**
     * Rows of a table [rows, width] by number: [..., width] of numbers (int64) [...].
     *
     * @throws IllegalArgumentException if a number is not from 0 to below the number of rows
     */
    public static Tensor embedding(Tensor index, Tensor weight) {
        return Select.embedding(index, weight, -1);
    }

    /**
     * 1 at the number of a class (int64) [...], else 0, int64 [..., classes].
     *
     * @throws IllegalArgumentException if a number is not from 0 to below {@code classes}
     */
    public static Tensor oneHot(Tensor index, int classes) {
        return Take.oneHot(index, classes);
    }

    /**
     * As {@link #embedding(Tensor, Tensor)}; row {@code paddingIndex} gets no gradient.
     *
     * @param paddingIndex a row, or -1 for none
     * @throws ShapeException if there is no such row
     */
    public static Tensor embedding(Tensor index, Tensor weight, int paddingIndex) {
        return Select.embedding(index, weight, paddingIndex);
    }

    /** x [..., in] times weight [out, in] transposed, plus bias [out] where given. */
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return Linear.apply(x, weight, bias);
    }

    /** Convolution of x [n, in, h, w] with weight [out, in / groups, kh, kw]. */
    public static Tensor conv2d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            int stride,
            int padding,
            int dilation,
            int groups) {
        return Conv2d.apply(x, weight, bias, Conv2d.Options.of(stride, padding, dilation, groups));
    }

    /**
     * Convolution with numbers that differ in height and width.
     *
     * @throws IllegalArgumentException if a stride, dilation or group count is below 1 or a padding
     *     negative
     */
    public static Tensor conv2d(
            Tensor x, Tensor weight, @Nullable Tensor bias, Conv2dOptions options) {
        return Conv2d.apply(x, weight, bias, options.ofOperation());
    }

    /**
     * Transposed convolution of x [n, in, h, w] with weight [in, out / groups, kh, kw]: what a
     * convolution with that weight does to gradients.
     *
     * @param outputPadding rows and columns that are added to the result, below the stride or the
     *     dilation
     */
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            int stride,
            int padding,
            int outputPadding,
            int groups,
            int dilation) {
        return ConvTranspose2d.apply(
                x,
                weight,
                bias,
                Conv2d.Options.of(stride, padding, dilation, groups),
                outputPadding,
                outputPadding);
    }

    /** As above, with numbers that differ in height and width. */
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            Conv2dOptions options,
            int outputPadH,
            int outputPadW) {
        return ConvTranspose2d.apply(
                x, weight, bias, options.ofOperation(), outputPadH, outputPadW);
    }

    /** Convolution of x [n, in, l] with weight [out, in / groups, k]. */
    public static Tensor conv1d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            int stride,
            int padding,
            int dilation,
            int groups) {
        lines("conv1d", x);
        if (weight.shape().rank() != 3) {
            throw new ShapeException(
                    "conv1d: expects weight [out, in / groups, k], got " + weight.shape());
        }
        Conv2dOptions options = new Conv2dOptions(1, stride, 0, padding, 1, dilation, groups);
        return conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, options).squeeze(2);
    }

    /** Largest value of each window of x [n, c, l]. */
    public static Tensor maxPool1d(Tensor x, int kernel, int stride, int padding) {
        lines("maxPool1d", x);
        Pool2dOptions options = new Pool2dOptions(1, kernel, 1, stride, 0, padding);
        return maxPool2d(x.unsqueeze(2), options).squeeze(2);
    }

    /** Mean of each window of x [n, c, l]; padding counts where it is said so. */
    public static Tensor avgPool1d(
            Tensor x, int kernel, int stride, int padding, boolean countIncludePad) {
        lines("avgPool1d", x);
        Pool2dOptions options = new Pool2dOptions(1, kernel, 1, stride, 0, padding);
        return avgPool2d(x.unsqueeze(2), options, countIncludePad).squeeze(2);
    }

    private static void lines(String op, Tensor x) {
        if (x.shape().rank() != 3) {
            throw new ShapeException(op + ": expects [n, channels, length], got " + x.shape());
        }
    }

    /**
     * Means over equal parts of x [..., h, w], as many as outH x outW: those of part i lie from
     * floor(i h / outH) to below ceil((i + 1) h / outH).
     */
    public static Tensor adaptiveAvgPool2d(Tensor x, int outH, int outW) {
        return PoolWindows.adaptiveAvg(x, outH, outW);
    }

    /** As {@link #adaptiveAvgPool2d}, of x [n, c, l]. */
    public static Tensor adaptiveAvgPool1d(Tensor x, int size) {
        lines("adaptiveAvgPool1d", x);
        return adaptiveAvgPool2d(x.unsqueeze(2), 1, size).squeeze(2);
    }

    /**
     * x [n, c, h, w] at another size.
     *
     * @param mode {@code nearest} or {@code bilinear}
     * @param alignCorners whether the corners' centres stay the corners, in {@code bilinear}
     * @throws IllegalArgumentException if the mode is another word
     */
    public static Tensor interpolate(
            Tensor x, int outH, int outW, String mode, boolean alignCorners) {
        return Resize.apply(
                x,
                outH,
                outW,
                switch (mode) {
                    case "nearest" -> Resample2dSpec.Mode.NEAREST;
                    case "bilinear" ->
                            alignCorners ? Resample2dSpec.Mode.CORNERS : Resample2dSpec.Mode.LINEAR;
                    default ->
                            throw new IllegalArgumentException(
                                    "interpolate: expected nearest or bilinear as mode, got "
                                            + mode);
                });
    }

    /**
     * From [..., c f f, h, w] to [..., c, h f, w f]: channels become neighbours (Shi et al., arXiv
     * 1609.05158).
     */
    public static Tensor pixelShuffle(Tensor x, int factor) {
        int rank = x.shape().rank();
        if (rank < 3 || factor < 1 || x.dim(-3) % (factor * factor) != 0) {
            throw new ShapeException(
                    "pixelShuffle: expected [..., c " + factor + "^2, h, w], got " + x.shape());
        }
        int c = x.dim(-3) / (factor * factor);
        int h = x.dim(-2);
        int w = x.dim(-1);
        Tensor y = Layout.permute(x.reshape(-1, c, factor, factor, h, w), 0, 1, 4, 2, 5, 3);
        int[] sizes = x.shape().dims();
        sizes[rank - 3] = c;
        sizes[rank - 2] = h * factor;
        sizes[rank - 1] = w * factor;
        return y.reshape(sizes);
    }

    /** Largest value of each kernel x kernel window of x [n, c, h, w], stride = kernel. */
    public static Tensor maxPool2d(Tensor x, int kernel) {
        return Pool2d.max(x, kernel, kernel, 0);
    }

    /** Largest value of each window. */
    public static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding) {
        return Pool2d.max(x, kernel, stride, padding);
    }

    /**
     * Largest value of each window, which need not be square.
     *
     * @throws IllegalArgumentException if a kernel size or stride is below 1, or a padding negative
     *     or more than half of the kernel
     */
    public static Tensor maxPool2d(Tensor x, Pool2dOptions options) {
        return PoolWindows.max(x, options.down(), options.right());
    }

    /** Mean of each kernel x kernel window of x [n, c, h, w], stride = kernel. */
    public static Tensor avgPool2d(Tensor x, int kernel) {
        return Pool2d.avg(x, kernel, kernel, 0, true);
    }

    /** Mean of each window; {@code countIncludePad} says whether padding counts in the divisor. */
    public static Tensor avgPool2d(
            Tensor x, int kernel, int stride, int padding, boolean countIncludePad) {
        return Pool2d.avg(x, kernel, stride, padding, countIncludePad);
    }

    /**
     * Mean of each window, which need not be square; numbers as {@code maxPool2d} takes, but for
     * the dilation.
     */
    public static Tensor avgPool2d(Tensor x, Pool2dOptions options, boolean countIncludePad) {
        return PoolWindows.avg(x, options.down(), options.right(), countIncludePad, 0);
    }

    /** Batch normalisation of x [n, c, ...]; see {@link BatchNorm2d} for the usual way. */
    public static Tensor batchNorm(
            Tensor x,
            @Nullable Tensor runningMean,
            @Nullable Tensor runningVar,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            boolean training,
            double momentum,
            double eps) {
        return Normalise.batchNorm(
                x, runningMean, runningVar, weight, bias, training, momentum, eps);
    }

    /**
     * Normalises x [n, channels, ...] over groups of neighbouring channels (Wu and He, arXiv
     * 1803.08494), then y w + b by channel where they are given.
     *
     * @throws ShapeException if the channels do not make so many groups, or a group of one picture
     *     has one value
     */
    public static Tensor groupNorm(
            Tensor x, int groups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
        return GroupNormalise.apply(x, groups, weight, bias, eps);
    }

    /** {@link #groupNorm} with a group for each channel. */
    public static Tensor instanceNorm(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
        return groupNorm(x, x.dim(1), weight, bias, eps);
    }

    /**
     * x / sqrt(mean(x^2) + eps) w over the last dimensions of x, as many as {@code normalizedShape}
     * has (Zhang and Sennrich, arXiv 1910.07467).
     */
    public static Tensor rmsNorm(
            Tensor x, int[] normalizedShape, @Nullable Tensor weight, double eps) {
        return Normalise.rmsNorm(x, normalizedShape, weight, eps);
    }

    /** Layer normalisation over the last dimensions of x, those of {@code normalizedShape}. */
    public static Tensor layerNorm(
            Tensor x,
            int[] normalizedShape,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            double eps) {
        return Normalise.layerNorm(x, normalizedShape, weight, bias, eps);
    }

    /**
     * Zeroes each element with probability p and scales the others by 1 / (1 - p); which, the next
     * of a block's {@linkplain Block#draws own draws} say.
     */
    public static Tensor dropout(Tensor x, double p, Draws draws) {
        return Dropout.apply(x, p, draws.nextOnDevice());
    }

    /**
     * Dropout with an explicit place in the random stream: that of the pass number {@code forward}
     * of the random block number {@code ordinal}; see {@link io.github.cortado.nn.Dropout}.
     */
    public static Tensor dropout(Tensor x, double p, long seed, int ordinal, long forward) {
        return Dropout.apply(x, p, new RandomStream(seed, ordinal, forward));
    }

    /**
     * Mean cross-entropy of logits [n, classes, ...] and int64 targets [n, ...], added to running
     * totals in the same pass.
     */
    public static Tensor crossEntropy(Tensor logits, Tensor target, Tally tally) {
        return CrossEntropy.apply(
                logits,
                target,
                Reduction.MEAN.ofBackend(),
                IGNORE_INDEX,
                0,
                tally.on(logits.device()));
    }

    /** Mean cross-entropy of logits [n, classes, ...] and int64 targets [n, ...]. */
    public static Tensor crossEntropy(Tensor logits, Tensor target) {
        return crossEntropy(logits, target, Reduction.MEAN, IGNORE_INDEX, 0);
    }

    /** Cross-entropy with all of its options. */
    public static Tensor crossEntropy(
            Tensor logits,
            Tensor target,
            Reduction reduction,
            long ignoreIndex,
            double labelSmoothing) {
        return CrossEntropy.apply(
                logits, target, reduction.ofBackend(), ignoreIndex, labelSmoothing);
    }

    /** Mean of (x - target)^2. */
    public static Tensor mseLoss(Tensor x, Tensor target) {
        return mseLoss(x, target, Reduction.MEAN);
    }

    /** (x - target)^2, with what becomes of the single losses. */
    public static Tensor mseLoss(Tensor x, Tensor target, Reduction reduction) {
        sameShape("mseLoss", x, target);
        Tensor d = x.sub(target);
        return reduced(d.mul(d), reduction);
    }

    /** Mean of |x - target|. */
    public static Tensor l1Loss(Tensor x, Tensor target) {
        return l1Loss(x, target, Reduction.MEAN);
    }

    /** |x - target|, with what becomes of the single losses. */
    public static Tensor l1Loss(Tensor x, Tensor target, Reduction reduction) {
        sameShape("l1Loss", x, target);
        return reduced(x.sub(target).abs(), reduction);
    }

    /** {@link #smoothL1Loss(Tensor, Tensor, Reduction, double)}'s mean, beta 1. */
    public static Tensor smoothL1Loss(Tensor x, Tensor target) {
        return smoothL1Loss(x, target, Reduction.MEAN, 1);
    }

    /**
     * d^2 / (2 beta) where |d| is below beta, else |d| - beta / 2, with d = x - target (Girshick,
     * arXiv 1504.08083).
     *
     * @param beta from 0 up; with 0 it is {@link #l1Loss}
     * @throws IllegalArgumentException if beta is negative or not a number
     */
    public static Tensor smoothL1Loss(Tensor x, Tensor target, Reduction reduction, double beta) {
        sameShape("smoothL1Loss", x, target);
        if (!(beta >= 0)) {
            throw new IllegalArgumentException(
                    "smoothL1Loss: expected beta from 0 up, got " + beta);
        }
        return beta == 0
                ? l1Loss(x, target, reduction)
                : reduced(Pointwise.apply(Formulas.SMOOTH_L1, x, target, beta), reduction);
    }

    /** {@link #huberLoss(Tensor, Tensor, Reduction, double)}'s mean, delta 1. */
    public static Tensor huberLoss(Tensor x, Tensor target) {
        return huberLoss(x, target, Reduction.MEAN, 1);
    }

    /**
     * d^2 / 2 where |d| is at most delta, else delta (|d| - delta / 2), with d = x - target (Huber,
     * "Robust Estimation of a Location Parameter", 1964).
     *
     * @throws IllegalArgumentException unless delta is above 0
     */
    public static Tensor huberLoss(Tensor x, Tensor target, Reduction reduction, double delta) {
        sameShape("huberLoss", x, target);
        if (!(delta > 0)) {
            throw new IllegalArgumentException("huberLoss: expected delta above 0, got " + delta);
        }
        return reduced(Pointwise.apply(Formulas.HUBER, x, target, delta), reduction);
    }

    /** Mean binary cross-entropy of sigmoid(x) and target. */
    public static Tensor binaryCrossEntropyWithLogits(Tensor x, Tensor target) {
        return binaryCrossEntropyWithLogits(x, target, Reduction.MEAN);
    }

    /**
     * -target ln sigmoid(x) - (1 - target) ln(1 - sigmoid(x)), the binary cross-entropy of
     * sigmoid(x) and target, with what becomes of the single losses.
     */
    public static Tensor binaryCrossEntropyWithLogits(
            Tensor x, Tensor target, Reduction reduction) {
        sameShape("binaryCrossEntropyWithLogits", x, target);
        return reduced(Pointwise.apply(Formulas.BINARY_CROSS_ENTROPY, x, target), reduction);
    }

    /** Mean binary cross-entropy of probabilities and targets. */
    public static Tensor binaryCrossEntropy(Tensor p, Tensor target) {
        return binaryCrossEntropy(p, target, Reduction.MEAN);
    }

    /**
     * -target ln p - (1 - target) ln(1 - p), no logarithm below -100; {@link
     * #binaryCrossEntropyWithLogits(Tensor, Tensor)} loses fewer digits. That p is from 0 to 1 is
     * not checked, since that would read it.
     */
    public static Tensor binaryCrossEntropy(Tensor p, Tensor target, Reduction reduction) {
        sameShape("binaryCrossEntropy", p, target);
        return reduced(
                Pointwise.apply(Formulas.BINARY_CROSS_ENTROPY_OF_PROBABILITIES, p, target),
                reduction);
    }

    /**
     * target (ln target - x), x being logarithms of probabilities (Kullback and Leibler, 1951); for
     * the mean over a batch divide the sum by its size.
     */
    public static Tensor klDivLoss(Tensor x, Tensor target, Reduction reduction) {
        sameShape("klDivLoss", x, target);
        return reduced(Pointwise.apply(Formulas.KL_DIVERGENCE, x, target), reduction);
    }

    /** max(0, -y (a - b) + margin), y 1 or -1. */
    public static Tensor marginRankingLoss(
            Tensor a, Tensor b, Tensor y, double margin, Reduction reduction) {
        sameShape("marginRankingLoss", a, b);
        return reduced(atLeastZero(b.sub(a).mul(y).add(margin)), reduction);
    }

    /**
     * 1 - cos(a, b) where y is 1, max(0, cos(a, b) - margin) where it is -1; a, b [n, width], y
     * [n]; cos(a, b) = a b / ((a a + 1e-12) (b b + 1e-12))^(1/2).
     */
    public static Tensor cosineEmbeddingLoss(
            Tensor a, Tensor b, Tensor y, double margin, Reduction reduction) {
        sameShape("cosineEmbeddingLoss", a, b);
        // PyTorch's eps, of the squares, is another than that of cosineSimilarity.
        Tensor sizeA = a.square().sum(false, -1).add(1e-12).sqrt();
        Tensor sizeB = b.square().sum(false, -1).add(1e-12).sqrt();
        Tensor cos = a.mul(b).sum(false, -1).div(sizeA).div(sizeB);
        return reduced(Arrange.where(y, cos.neg().add(1), atLeastZero(cos.sub(margin))), reduction);
    }

    /**
     * max(0, |anchor - positive| - |anchor - negative| + margin), distances along the last
     * dimension.
     *
     * @throws IllegalArgumentException if the margin is not above 0
     */
    public static Tensor tripletMarginLoss(
            Tensor anchor, Tensor positive, Tensor negative, double margin, Reduction reduction) {
        sameShape("tripletMarginLoss", anchor, positive);
        sameShape("tripletMarginLoss", anchor, negative);
        positiveMargin("tripletMarginLoss", margin);
        Tensor near = pairwiseDistance(anchor, positive, 1e-6);
        Tensor far = pairwiseDistance(anchor, negative, 1e-6);
        return reduced(atLeastZero(near.sub(far).add(margin)), reduction);
    }

    /** e^x - target x: of Poisson-distributed targets, x the logarithms of their means. */
    public static Tensor poissonNllLoss(Tensor x, Tensor target, Reduction reduction) {
        sameShape("poissonNllLoss", x, target);
        return reduced(x.exp().sub(target.mul(x)), reduction);
    }

    /**
     * (ln v + (x - target)^2 / v) / 2 with v = max(variance, eps): of normally distributed targets.
     * A negative variance is eps, too: to refuse it would be to read it.
     */
    public static Tensor gaussianNllLoss(
            Tensor x, Tensor target, Tensor variance, double eps, Reduction reduction) {
        sameShape("gaussianNllLoss", x, target);
        Tensor v = variance.clamp(eps, Double.POSITIVE_INFINITY);
        return reduced(v.log().add(x.sub(target).square().div(v)).mul(0.5), reduction);
    }

    /** x where y is 1, max(0, margin - x) where it is -1. */
    public static Tensor hingeEmbeddingLoss(
            Tensor x, Tensor y, double margin, Reduction reduction) {
        sameShape("hingeEmbeddingLoss", x, y);
        return reduced(Arrange.where(y, x, atLeastZero(x.neg().add(margin))), reduction);
    }

    /** ln(1 + e^(-y x)), y 1 or -1. */
    public static Tensor softMarginLoss(Tensor x, Tensor y, Reduction reduction) {
        sameShape("softMarginLoss", x, y);
        return reduced(logSigmoid(x.mul(y)).neg(), reduction);
    }

    /** |a - b + eps| along the last dimension (PyTorch's default eps is 1e-6). */
    public static Tensor pairwiseDistance(Tensor a, Tensor b, double eps) {
        return a.sub(b).add(eps).norm(false, -1);
    }

    /**
     * {@link #nllLoss(Tensor, Tensor, Tensor, Reduction, long)}'s mean, of classes of equal weight.
     */
    public static Tensor nllLoss(Tensor x, Tensor target) {
        return nllLoss(x, target, null, Reduction.MEAN, IGNORE_INDEX);
    }

    /**
     * -w[t] x[t], x being logarithms of probabilities [n, classes, ...], such as {@link
     * #logSoftmax} makes, and t int64 [n, ...] (or [classes] and a scalar). The mean is the sum
     * divided by that of the w[t].
     *
     * @param weight a number for each class, [classes]; null for 1
     * @param ignoreIndex targets with this value count for nothing
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a target is neither a class nor {@code ignoreIndex}; on a
     *     GPU when a value is read
     */
    public static Tensor nllLoss(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            long ignoreIndex) {
        return ClassLosses.nll(x, target, weight, reduction.ofBackend(), ignoreIndex);
    }

    /**
     * Cross-entropy with a weight for each class: {@link #nllLoss(Tensor, Tensor, Tensor,
     * Reduction, long)} of ln softmax(logits), of which the share {@code labelSmoothing} is spread
     * over all classes (Szegedy et al., arXiv 1512.00567), each with its weight.
     *
     * @param target class numbers, int64 [n, ...]; or probabilities of the logits' shape, for which
     *     the loss is -(sum of w_c t_c ln p_c), its mean that over all places, and nothing ignored
     * @param weight a number for each class, [classes]; null for 1
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a target is neither a class nor {@code ignoreIndex}, or
     *     label smoothing not from 0 to 1
     */
    public static Tensor crossEntropy(
            Tensor logits,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            long ignoreIndex,
            double labelSmoothing) {
        CrossEntropySpec.Reduction r = reduction.ofBackend();
        if (target.dtype().isFloat()) {
            return ClassLosses.crossEntropyOfProbabilities(
                    logits, target, weight, r, labelSmoothing);
        }
        return weight == null && logits.shape().rank() > 1
                ? CrossEntropy.apply(logits, target, r, ignoreIndex, labelSmoothing)
                : ClassLosses.crossEntropy(logits, target, weight, r, ignoreIndex, labelSmoothing);
    }

    /**
     * {@link #multiMarginLoss(Tensor, Tensor, int, double, Tensor, Reduction)}'s mean, p and margin
     * 1.
     */
    public static Tensor multiMarginLoss(Tensor x, Tensor target) {
        return multiMarginLoss(x, target, 1, 1, null, Reduction.MEAN);
    }

    /**
     * w[t] (sum over classes c other than t of max(0, margin - x[t] + x[c])^p) / classes, of scores
     * x [n, classes] and class numbers t, int64 [n] (Crammer and Singer, 2001).
     *
     * @param p 1 or 2
     * @param weight a number for each class, [classes]; null for 1
     * @throws IllegalArgumentException if p is neither, or a target is no class
     */
    public static Tensor multiMarginLoss(
            Tensor x,
            Tensor target,
            int p,
            double margin,
            @Nullable Tensor weight,
            Reduction reduction) {
        return ClassLosses.multiMargin(x, target, p, margin, weight, reduction.ofBackend());
    }

    /**
     * (sum over right classes j and others i of max(0, 1 - x_j + x_i)) / classes of scores x [n,
     * classes]: each line of targets, int64 [n, classes], has the numbers of the right classes up
     * to the first -1.
     *
     * @throws ShapeException if the shapes differ
     * @throws IllegalArgumentException if a target before the first -1 is no class
     */
    public static Tensor multilabelMarginLoss(Tensor x, Tensor target, Reduction reduction) {
        return ClassLosses.multilabelMargin(x, target, reduction.ofBackend());
    }

    /**
     * The mean over the last dimension, the classes, of -w (y ln sigmoid(x) + (1 - y) ln(1 -
     * sigmoid(x))).
     *
     * @param weight a number for each class; null for 1
     */
    public static Tensor multilabelSoftMarginLoss(
            Tensor x, Tensor y, @Nullable Tensor weight, Reduction reduction) {
        sameShape("multilabelSoftMarginLoss", x, y);
        Tensor losses = binaryCrossEntropyWithLogits(x, y, weight, Reduction.NONE, null);
        return reduced(losses.mean(false, -1), reduction);
    }

    /**
     * -w (p target ln sigmoid(x) + (1 - target) ln(1 - sigmoid(x))).
     *
     * @param weight of the single losses, of a shape that stretches to x's; null for 1
     * @param posWeight p, such as how many more negative than positive ones there are of each
     *     class, of a shape that stretches to x's; null for 1
     */
    public static Tensor binaryCrossEntropyWithLogits(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            @Nullable Tensor posWeight) {
        sameShape("binaryCrossEntropyWithLogits", x, target);
        Tensor losses;
        if (posWeight == null) {
            losses = binaryCrossEntropyWithLogits(x, target, Reduction.NONE);
        } else {
            // Each term has its own logarithm: a difference of large numbers would cancel.
            Tensor yes = target.mul(posWeight).mul(logSigmoid(x));
            Tensor no = target.neg().add(1).mul(logSigmoid(x.neg()));
            losses = yes.add(no).neg();
        }
        return reduced(times("binaryCrossEntropyWithLogits", losses, weight), reduction);
    }

    /**
     * {@link #binaryCrossEntropy(Tensor, Tensor, Reduction)} with weights of the single losses, of
     * a shape that stretches to p's.
     */
    public static Tensor binaryCrossEntropy(
            Tensor p, Tensor target, Tensor weight, Reduction reduction) {
        Tensor losses = binaryCrossEntropy(p, target, Reduction.NONE);
        return reduced(times("binaryCrossEntropy", losses, weight), reduction);
    }

    private static Tensor times(String op, Tensor losses, @Nullable Tensor weight) {
        if (weight == null) {
            return losses;
        }
        Tensor y = losses.mul(weight);
        if (!y.shape().equals(losses.shape())) {
            throw new ShapeException(
                    op + ": weight " + weight.shape() + " does not stretch to " + losses.shape());
        }
        return y;
    }

    /**
     * max(0, d(anchor, positive) - d(anchor, negative) + margin) of a distance of one's own.
     *
     * @param distance from two tensors to the distances of their lines
     * @param swap whether d(positive, negative) is taken where it is smaller than d(anchor,
     *     negative) (Balntas et al., 2016)
     * @throws IllegalArgumentException if the margin is not above 0
     */
    public static Tensor tripletMarginWithDistanceLoss(
            Tensor anchor,
            Tensor positive,
            Tensor negative,
            BinaryOperator<Tensor> distance,
            double margin,
            boolean swap,
            Reduction reduction) {
        sameShape("tripletMarginWithDistanceLoss", anchor, positive);
        sameShape("tripletMarginWithDistanceLoss", anchor, negative);
        positiveMargin("tripletMarginWithDistanceLoss", margin);
        Tensor far = distance.apply(anchor, negative);
        if (swap) {
            far = far.minimum(distance.apply(positive, negative));
        }
        return reduced(
                atLeastZero(distance.apply(anchor, positive).sub(far).add(margin)), reduction);
    }

    /**
     * {@link #ctcLoss(Tensor, Tensor, Tensor, Tensor, int, Reduction, boolean)}'s mean, class 0
     * being the blank.
     */
    public static Tensor ctcLoss(
            Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) {
        return ctcLoss(logProbs, targets, inputLengths, targetLengths, 0, Reduction.MEAN, false);
    }

    /**
     * -ln of the probability that the labels are what is left of the frames once repetitions and
     * blanks are dropped (Graves et al., 2006). The mean is that of the losses divided by the
     * number of their labels.
     *
     * <p>As with PyTorch, the gradient of the logits is right; that of {@code logProbs} itself is
     * the true one here, PyTorch's has e^logProbs added, which {@link #logSoftmax} takes out.
     *
     * @param logProbs logarithms of probabilities [frames, n, classes]
     * @param targets labels, int64 [n, most]; those after a line's length do not count
     * @param inputLengths how many frames count, int64 [n]
     * @param targetLengths how many labels count, int64 [n]
     * @param blank the class of no label
     * @param zeroInfinity whether the loss of labels that need more frames than there are is 0;
     *     else it is infinite, and has no gradient
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if {@code blank} is no class, a length is negative or beyond
     *     the frames or labels that there are, or a label that counts is no class; on a GPU, of
     *     what tensors hold, when a value is read
     */
    public static Tensor ctcLoss(
            Tensor logProbs,
            Tensor targets,
            Tensor inputLengths,
            Tensor targetLengths,
            int blank,
            Reduction reduction,
            boolean zeroInfinity) {
        return Ctc.apply(
                logProbs,
                targets,
                inputLengths,
                targetLengths,
                blank,
                reduction.ofBackend(),
                zeroInfinity);
    }

    /**
     * max(x, 0), which has a gradient at 0, too, as in the losses of PyTorch that have a margin.
     */
    private static Tensor atLeastZero(Tensor x) {
        return x.clamp(0, Double.POSITIVE_INFINITY);
    }

    private static void positiveMargin(String op, double margin) {
        if (!(margin > 0)) {
            throw new IllegalArgumentException(op + ": expected a margin above 0, got " + margin);
        }
    }

    private static Tensor reduced(Tensor losses, Reduction reduction) {
        return switch (reduction) {
            case NONE -> losses;
            case MEAN -> losses.mean();
            case SUM -> losses.sum();
        };
    }

    private static void sameShape(String op, Tensor x, Tensor target) {
        if (!x.shape().equals(target.shape())) {
            throw new ShapeException(
                    op + ": input " + x.shape() + " and target " + target.shape() + " differ");
        }
    }

    // Pooling, padding and embedding, the rest of them

    /**
     * Sum of each window over {@code divisorOverride}, whatever its number of elements.
     *
     * @throws IllegalArgumentException if the divisor is 0
     */
    public static Tensor avgPool2d(
            Tensor x, Pool2dOptions options, boolean countIncludePad, int divisorOverride) {
        if (divisorOverride == 0) {
            throw new IllegalArgumentException("avgPool2d: expected a divisor other than 0");
        }
        return PoolWindows.avg(
                x, options.down(), options.right(), countIncludePad, divisorOverride);
    }

    /** Largest value of each window of x [n, c, l], as {@link Pool2dOptions} describes them. */
    public static Tensor maxPool1d(
            Tensor x, int kernel, int stride, int padding, int dilation, boolean ceilMode) {
        lines("maxPool1d", x);
        Pool2dOptions options = Pool2dOptions.ofLines(kernel, stride, padding, dilation, ceilMode);
        return maxPool2d(x.unsqueeze(2), options).squeeze(2);
    }

    /**
     * Mean of each window of x [n, c, l], the last one partly beyond the border where {@code
     * ceilMode} says so; padding counts where it is said so.
     */
    public static Tensor avgPool1d(
            Tensor x,
            int kernel,
            int stride,
            int padding,
            boolean ceilMode,
            boolean countIncludePad) {
        lines("avgPool1d", x);
        Pool2dOptions options = Pool2dOptions.ofLines(kernel, stride, padding, 1, ceilMode);
        return avgPool2d(x.unsqueeze(2), options, countIncludePad).squeeze(2);
    }

    /**
     * Largest values of equal parts of x [n, c, h, w], as many as outH x outW: those of part i lie
     * from floor(i h / outH) to below ceil((i + 1) h / outH).
     */
    public static Tensor adaptiveMaxPool2d(Tensor x, int outH, int outW) {
        return PoolWindows.adaptiveMax(x, outH, outW);
    }

    /** As {@link #adaptiveMaxPool2d}, of x [n, c, l]. */
    public static Tensor adaptiveMaxPool1d(Tensor x, int size) {
        lines("adaptiveMaxPool1d", x);
        return adaptiveMaxPool2d(x.unsqueeze(2), 1, size).squeeze(2);
    }

    /**
     * Transposed convolution of x [n, in, l] with weight [in, out / groups, k]: what {@link
     * #conv1d} with that weight does to gradients.
     *
     * @param outputPadding elements that are added to the result's end, below the stride or the
     *     dilation
     */
    public static Tensor convTranspose1d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            int stride,
            int padding,
            int outputPadding,
            int groups,
            int dilation) {
        lines("convTranspose1d", x);
        if (weight.shape().rank() != 3) {
            throw new ShapeException(
                    "convTranspose1d: expects weight [in, out / groups, k], got " + weight.shape());
        }
        Conv2dOptions options = new Conv2dOptions(1, stride, 0, padding, 1, dilation, groups);
        return convTranspose2d(x.unsqueeze(2), weight.unsqueeze(2), bias, options, 0, outputPadding)
                .squeeze(2);
    }

    /**
     * What {@link #embedding} picks from a table [rows, width], in bags of one size: from numbers
     * (int64) [bags, size] to [bags, width].
     *
     * @param mode {@code sum}, {@code mean} or {@code max}
     * @param paddingIndex the row that is not counted and gets no gradient, or -1
     * @throws IllegalArgumentException if the mode is another word, or a number is not from 0 to
     *     below the number of rows
     */
    public static Tensor embeddingBag(Tensor index, Tensor weight, String mode, int paddingIndex) {
        return Bags.apply(index, weight, bagMode(mode), paddingIndex);
    }

    /**
     * As {@link #embeddingBag(Tensor, Tensor, String, int)}, of bags one after the other: from
     * numbers (int64) [all].
     *
     * @param offsets where each bag begins (int64) [bags], the first at 0, none before the one
     *     before it or beyond the end
     * @throws IllegalArgumentException if one is; on a GPU when a value is read
     */
    public static Tensor embeddingBag(
            Tensor index, Tensor weight, Tensor offsets, String mode, int paddingIndex) {
        return Bags.apply(index, offsets, weight, bagMode(mode), paddingIndex);
    }

    static Bags.Mode bagMode(String mode) {
        if (!mode.matches("sum|mean|max")) {
            throw new IllegalArgumentException(
                    "embeddingBag: expected sum, mean or max as mode, got " + mode);
        }
        return Bags.Mode.valueOf(mode.toUpperCase(Locale.ROOT));
    }

    /** From [..., c, h f, w f] to [..., c f f, h, w]: what undoes {@link #pixelShuffle}. */
    public static Tensor pixelUnshuffle(Tensor x, int factor) {
        int rank = x.shape().rank();
        if (rank < 3 || factor < 1 || x.dim(-2) % factor != 0 || x.dim(-1) % factor != 0) {
            throw new ShapeException(
                    String.format(
                            Locale.ROOT,
                            "pixelUnshuffle: expected [..., c, h %d, w %d], got %s",
                            factor,
                            factor,
                            x.shape()));
        }
        int[] sizes = x.shape().dims();
        int c = sizes[rank - 3];
        sizes[rank - 3] = c * factor * factor;
        sizes[rank - 2] /= factor;
        sizes[rank - 1] /= factor;
        Tensor blocks = x.reshape(-1, c, sizes[rank - 2], factor, sizes[rank - 1], factor);
        return Layout.permute(blocks, 0, 1, 3, 5, 2, 4).reshape(sizes);
    }

    /**
     * The channels of x [n, c, ...] as if they were dealt out: the first of each group, the second
     * of each, ... (Zhang et al., arXiv 1707.01083).
     *
     * @throws ShapeException if the channels do not make so many groups
     */
    public static Tensor channelShuffle(Tensor x, int groups) {
        if (x.shape().rank() < 3 || groups < 1 || x.dim(1) % groups != 0) {
            throw new ShapeException(
                    "channelShuffle: expected [n, c, ...] with channels in "
                            + groups
                            + " groups, got "
                            + x.shape());
        }
        int each = x.dim(1) / groups;
        Tensor dealt = Layout.transpose(x.reshape(x.dim(0), groups, each, -1), 1, 2);
        return dealt.reshape(x.shape().dims());
    }

    /**
     * x [n, c, ...] over (k + alpha m)^beta, m the mean of x^2 over {@code size} neighbouring
     * channels, size / 2 of them before (Krizhevsky et al., 2012). PyTorch's defaults are alpha
     * 1e-4, beta 0.75 and k 1.
     *
     * @throws ShapeException if x has no dimension behind its channels
     */
    public static Tensor localResponseNorm(
            Tensor x, int size, double alpha, double beta, double k) {
        if (size < 1 || x.shape().rank() < 3) {
            throw new ShapeException(
                    "localResponseNorm: expected [n, c, ...] and at least 1 channel, got "
                            + x.shape()
                            + " and "
                            + size);
        }
        Tensor squares = x.square().reshape(x.dim(0), 1, x.dim(1), -1);
        Tensor wide = pad(squares, new int[] {0, 0, size / 2, (size - 1) / 2}, "constant", 0);
        Tensor mean = avgPool2d(wide, new Pool2dOptions(size, 1, 1, 1, 0, 0), true);
        Tensor divisor = mean.mul(alpha).add(k).log().mul(-beta).exp();
        return x.mul(divisor.reshape(x.shape().dims()));
    }

    /**
     * Leaves out whole rows of x [n, ...] with probability p, or all of it at once, and scales what
     * stays by 1 / (1 - p) (Huang et al., arXiv 1603.09382); also known as drop path.
     *
     * @param mode {@code row} or {@code batch}
     * @throws IllegalArgumentException if p is not from 0 to 1, or the mode is another word
     */
    public static Tensor stochasticDepth(Tensor x, double p, String mode, Draws draws) {
        if (!mode.matches("row|batch") || x.shape().rank() < 1) {
            throw new IllegalArgumentException(
                    "stochasticDepth: expected row or batch as mode, and a dimension, got "
                            + mode
                            + " and "
                            + x.shape());
        }
        return x.mul(dropoutMask(x, mode.equals("row") ? 1 : 0, p, draws));
    }

    /** For the first {@code dims} dimensions of x 0 with probability p, else 1 / (1 - p). */
    static Tensor dropoutMask(Tensor x, int dims, double p, Draws draws) {
        int[] sizes = x.shape().dims();
        Arrays.fill(sizes, dims, sizes.length, 1);
        return dropout(x.sibling(Shape.of(sizes)).fill(1), p, draws);
    }

    /**
     * Puts each element to a with probability p, a = -1.7581 the smallest value of {@link #selu},
     * and scales and shifts all so that mean 0 and variance 1 stay: (x m + a (1 - m) - a p) / (q +
     * a^2 p q)^(1/2) with m 0 or 1 and q = 1 - p (Klambauer et al., arXiv 1706.02515).
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public static Tensor alphaDropout(Tensor x, double p, Draws draws) {
        return alphaDropped(x, x.shape().rank(), p, draws);
    }

    /** {@link #alphaDropout} of whole channels of x [n, c, ...]. */
    public static Tensor featureAlphaDropout(Tensor x, double p, Draws draws) {
        if (x.shape().rank() < 2) {
            throw new ShapeException(
                    "featureAlphaDropout: expects [n, channels, ...], got " + x.shape());
        }
        return alphaDropped(x, 2, p, draws);
    }

    private static Tensor alphaDropped(Tensor x, int dims, double p, Draws draws) {
        Tensor mask = dropoutMask(x, dims, p, draws);
        if (p == 1) {
            return x.mul(mask);
        }
        double a = -1.7580993408473766;
        double q = 1 - p;
        double scale = 1 / Math.sqrt(q + a * a * p * q);
        // The mask is 0 or 1 / q.
        Tensor shift = mask.mul(-q * a * scale).add((a - a * p) * scale);
        return x.mul(mask.mul(q * scale)).add(shift);
    }

    /**
     * y_o = the sum of a_i weight_oij b_j over all i and j, plus bias_o where given: from a [...,
     * i] and b [..., j] to [..., o].
     *
     * @throws ShapeException if the shapes do not fit
     */
    public static Tensor bilinear(Tensor a, Tensor b, Tensor weight, @Nullable Tensor bias) {
        int[] sizes = a.shape().dims();
        int rank = sizes.length;
        boolean fits =
                weight.shape().rank() == 3
                        && rank > 0
                        && b.shape().rank() == rank
                        && a.dim(-1) == weight.dim(1)
                        && b.shape().equals(a.shape().with(rank - 1, weight.dim(2)));
        if (!fits) {
            throw new ShapeException(
                    String.format(
                            Locale.ROOT,
                            "bilinear: inputs %s and %s do not fit weight %s: expected [..., i],"
                                    + " [..., j] and [o, i, j]",
                            a.shape(),
                            b.shape(),
                            weight.shape()));
        }
        int out = weight.dim(0);
        Tensor columns = weight.permute(1, 0, 2).reshape(weight.dim(1), -1);
        Tensor products = a.reshape(-1, weight.dim(1)).matmul(columns);
        Tensor y =
                products.reshape(-1, out, weight.dim(2))
                        .mul(b.reshape(-1, 1, weight.dim(2)))
                        .sum(false, 2);
        sizes[rank - 1] = out;
        Tensor all = y.reshape(sizes);
        return bias == null ? all : all.add(bias);
    }

    /**
     * Windows of x [n, c, h, w] as columns: [n, c kernel kernel, windows], row by row.
     *
     * @throws ShapeException if there is no window
     */
    public static Tensor unfold(Tensor x, int kernel, int dilation, int padding, int stride) {
        return Patches.unfold(x, new Patches.Options(kernel, dilation, padding, stride));
    }

    /**
     * Pictures [n, c, h, w] whose elements are the sums of what windows x [n, c kernel kernel,
     * windows] have in their place.
     *
     * @throws ShapeException if a picture of that size has another number of windows
     */
    public static Tensor fold(
            Tensor x, int h, int w, int kernel, int dilation, int padding, int stride) {
        return Patches.fold(x, h, w, new Patches.Options(kernel, dilation, padding, stride));
    }
}
