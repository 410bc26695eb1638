package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.ops.Conv2d;
import io.github.cortado.ops.CrossEntropy;
import io.github.cortado.ops.Dropout;
import io.github.cortado.ops.Linear;
import io.github.cortado.ops.Normalise;
import io.github.cortado.ops.Pointwise;
import io.github.cortado.ops.Pool2d;
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
     * @throws io.github.cortado.ShapeException if the dimension's size is odd
     */
    public static Tensor glu(Tensor x, int dim) {
        int size = x.dim(x.shape().axis("glu", dim));
        if (size % 2 > 0) {
            throw new io.github.cortado.ShapeException(
                    "glu: expected an even size of dimension " + dim + ", got " + x.shape());
        }
        Tensor gate = x.narrow(dim, size / 2, size / 2);
        return x.narrow(dim, 0, size / 2).mul(sigmoid(gate));
    }

    /** x sigmoid(x). */
    public static Tensor silu(Tensor x) {
        return Pointwise.apply(Formulas.SILU, x);
    }

    /** ln(1 + e^x). */
    public static Tensor softplus(Tensor x) {
        return Pointwise.apply(Formulas.SOFTPLUS, x);
    }

    /** Softmax along one dimension. */
    public static Tensor softmax(Tensor x, int dim) {
        return x.softmax(dim);
    }

    /** Logarithm of the softmax along one dimension. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        return x.logSoftmax(dim);
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
        return Pool2d.max(x, options.ofOperation());
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

    /** Mean of each window, which need not be square; numbers as {@code maxPool2d} takes. */
    public static Tensor avgPool2d(Tensor x, Pool2dOptions options, boolean countIncludePad) {
        return Pool2d.avg(x, options.ofOperation(), countIncludePad);
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

    private static Tensor reduced(Tensor losses, Reduction reduction) {
        return switch (reduction) {
            case NONE -> losses;
            case MEAN -> losses.mean();
            case SUM -> losses.sum();
        };
    }

    private static void sameShape(String op, Tensor x, Tensor target) {
        if (!x.shape().equals(target.shape())) {
            throw new io.github.cortado.ShapeException(
                    op + ": input " + x.shape() + " and target " + target.shape() + " differ");
        }
    }
}
