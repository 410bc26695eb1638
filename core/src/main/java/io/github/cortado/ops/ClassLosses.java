package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Losses of scores [n, classes, ...] against the numbers of the right classes, int64 [n, ...], made
 * of other operations, so that no number has to be known to Java.
 */
public final class ClassLosses {
    private ClassLosses() {}

    /**
     * The right classes.
     *
     * @param numbers of the right classes, 0 where they are ignored, int64 [n, ...]
     * @param ignored above 0 where they are, else below, [n, ...]
     * @param weight of each target's class, 0 where it is ignored, [n, ...]
     */
    private record Targets(Tensor numbers, Tensor ignored, Tensor weight) {
        /** x of the right class, 0 where that is ignored. */
        Tensor picked(Tensor x) {
            return Arrange.where(ignored, zero(x), x.gather(1, numbers.unsqueeze(1)).squeeze(1));
        }

        /** Above 0 at the right class, else below, [n, classes, ...]. */
        Tensor mask(Tensor x) {
            Tensor none = Arrange.where(ignored, number(x, -1), numbers.to(x.dtype()));
            return is(none.unsqueeze(1), byClass(ramp(x, x.dim(1)), x));
        }
    }

    /**
     * -w[t] x[t] of logarithms of probabilities; the mean is their sum divided by that of w[t].
     *
     * @throws IllegalArgumentException if a target is neither a class nor {@code ignoreIndex}; on a
     *     GPU when a value is read
     */
    public static Tensor nll(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            long ignoreIndex) {
        return nll("nllLoss", x, target, weight, reduction, ignoreIndex);
    }

    private static Tensor nll(
            String op,
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            long ignoreIndex) {
        if (x.shape().rank() == 1) {
            Tensor y = nll(op, x.unsqueeze(0), target.unsqueeze(0), weight, reduction, ignoreIndex);
            return reduction == Reduction.NONE ? y.squeeze(0) : y;
        }
        Targets t = targets(op, x, target, weight, ignoreIndex);
        return reduced(t.picked(x).mul(t.weight).neg(), t.weight, reduction);
    }

    /**
     * {@link #nll} of the logarithm of softmax(x), of which {@code smoothing} is spread over all
     * classes: that share of it is -(sum of w_c ln p_c) / classes.
     */
    public static Tensor crossEntropy(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            long ignoreIndex,
            double smoothing) {
        share(smoothing);
        if (x.shape().rank() == 1) {
            Tensor y =
                    crossEntropy(
                            x.unsqueeze(0),
                            target.unsqueeze(0),
                            weight,
                            reduction,
                            ignoreIndex,
                            smoothing);
            return reduction == Reduction.NONE ? y.squeeze(0) : y;
        }
        Targets t = targets("crossEntropy", x, target, weight, ignoreIndex);
        Tensor logs = x.logSoftmax(1);
        Tensor losses = t.picked(logs).mul(t.weight).neg();
        if (smoothing > 0) {
            Tensor even = weighted(logs, weight).sum(false, 1).neg();
            Tensor counted = Arrange.where(t.mask(x), one(x), zero(x)).sum(false, 1);
            // Not a product with 0: the mean of no target is no number, and nor would dx be.
            Tensor spread = Arrange.where(counted, even, zero(x));
            losses = losses.mul(1 - smoothing).add(spread.mul(smoothing / x.dim(1)));
        }
        return reduced(losses, t.weight, reduction);
    }

    /**
     * -(sum over classes of w_c t_c ln softmax(x)_c) of probabilities t of x's shape; the mean is
     * over all but the classes.
     */
    public static Tensor crossEntropyOfProbabilities(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Reduction reduction,
            double smoothing) {
        share(smoothing);
        Checks.compatible("crossEntropy", x, target);
        Checks.require(
                x.shape().rank() >= 1 && x.shape().equals(target.shape()),
                "crossEntropy: logits %s expect probabilities of the same shape, got %s",
                x.shape(),
                target.shape());
        int dim = x.shape().rank() == 1 ? 0 : 1;
        int classes = x.dim(dim);
        if (weight != null) {
            weight("crossEntropy", x, weight, classes);
        }
        Tensor t = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / classes) : target;
        Tensor losses = weighted(x.logSoftmax(dim).mul(t), weight).sum(false, dim).neg();
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.mean();
        };
    }

    private static void share(double smoothing) {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException(
                    "crossEntropy: label smoothing " + smoothing + " is not from 0 to 1");
        }
    }

    /**
     * w[t] (sum over c other than t of max(0, margin - x[t] + x[c])^p) / classes, of x [n,
     * classes].
     */
    public static Tensor multiMargin(
            Tensor x,
            Tensor target,
            int p,
            double margin,
            @Nullable Tensor weight,
            Reduction reduction) {
        if (p != 1 && p != 2) {
            throw new IllegalArgumentException("multiMarginLoss: expected p 1 or 2, got " + p);
        }
        if (x.shape().rank() == 1) {
            Tensor y =
                    multiMargin(x.unsqueeze(0), target.unsqueeze(0), p, margin, weight, reduction);
            return reduction == Reduction.NONE ? y.squeeze(0) : y;
        }
        Checks.rank("multiMarginLoss", "an input", x, 2);
        // No target is ignored: this one is no class either, and so an error.
        Targets t = targets("multiMarginLoss", x, target, weight, Long.MIN_VALUE);
        Tensor over = positive(x.sub(t.picked(x).unsqueeze(1)).add(margin));
        Tensor powers = p == 1 ? over : over.square();
        Tensor sums = Arrange.where(t.mask(x), zero(x), powers).sum(false, 1);
        Tensor losses = sums.mul(t.weight).div(x.dim(1));
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.mean();
        };
    }

    /**
     * (sum over right classes j and others i of max(0, 1 - x_j + x_i)) / classes. A line of targets
     * has the numbers of the right classes of x's line, up to the first -1.
     */
    public static Tensor multilabelMargin(Tensor x, Tensor target, Reduction reduction) {
        if (x.shape().rank() == 1) {
            Tensor y = multilabelMargin(x.unsqueeze(0), target.unsqueeze(0), reduction);
            return reduction == Reduction.NONE ? y.squeeze(0) : y;
        }
        String op = "multilabelMarginLoss";
        Checks.floating(op, x);
        Checks.rank(op, "an input", x, 2);
        Checks.integers(op, "targets", target);
        Checks.sameDevice(op, x, target);
        Checks.require(
                x.shape().equals(target.shape()),
                "%s: input %s expects targets of the same shape, got %s",
                op,
                x.shape(),
                target.shape());
        int classes = x.dim(1);
        Tensor numbers = target.to(x.dtype());
        Tensor ends = Arrange.where(numbers.add(0.5), zero(x), one(x));
        // How many -1 there are up to each place.
        Tensor before = ends.matmul(Arrange.triu(ones(x, classes, classes), 0));
        Tensor named = Arrange.where(before, zero(x), numbers.add(1));
        Tensor known = looked(op, named.to(DType.INT64), ones(x, classes + 1, 1));
        Tensor mask = is(named.unsqueeze(2), ramp(x, classes).add(1).reshape(1, 1, classes));
        // A class that is named twice counts twice, as in PyTorch.
        Tensor right = Arrange.where(mask, known, zero(x)).sum(false, 1);
        Tensor other = Arrange.where(right, zero(x), one(x));
        Tensor over = positive(x.unsqueeze(1).sub(x.unsqueeze(2)).add(1));
        Tensor pairs = over.mul(right.unsqueeze(2)).mul(other.unsqueeze(1));
        Tensor losses = pairs.sum(false, 1, 2).div(classes);
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.mean();
        };
    }

    private static Targets targets(
            String op, Tensor x, Tensor target, @Nullable Tensor weight, long ignoreIndex) {
        Checks.floating(op, x);
        Checks.integers(op, "targets", target);
        Checks.sameDevice(op, x, target);
        Checks.require(
                x.shape().rank() >= 2 && x.shape().without(1).equals(target.shape()),
                "%s: input %s expects targets of shape %s, got %s",
                op,
                x.shape(),
                x.shape().rank() >= 2 ? x.shape().without(1) : "[n]",
                target.shape());
        int classes = x.dim(1);
        Tensor weights = weight == null ? ones(x, classes) : weight(op, x, weight, classes);
        Tensor numbers = target.to(x.dtype());
        Tensor ignored = is(numbers, number(x, ignoreIndex));
        Tensor known = Arrange.where(ignored, zero(x), numbers).to(DType.INT64);
        Tensor own = looked(op, known, weights.reshape(classes, 1)).squeeze(-1);
        return new Targets(known, ignored, Arrange.where(ignored, zero(x), own));
    }

    /** Rows by target; this is where one that is no class is found, on the CPU at once. */
    private static Tensor looked(String op, Tensor targets, Tensor rows) {
        try {
            return Select.embedding(targets, rows, -1);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(op + ": a target is no class: " + e.getMessage(), e);
        }
    }

    private static Tensor weight(String op, Tensor x, Tensor weight, int classes) {
        Checks.compatible(op, x, weight);
        Checks.require(
                weight.shape().rank() == 1 && weight.dim(0) == classes,
                "%s: input %s expects a weight of each class, [%s], got %s",
                op,
                x.shape(),
                classes,
                weight.shape());
        return weight.detach();
    }

    /** x times the weight of each class. */
    private static Tensor weighted(Tensor x, @Nullable Tensor weight) {
        return weight == null ? x : x.mul(byClass(weight.detach(), x));
    }

    /** A number of each class, to be stretched over x [n, classes, ...] or [classes]. */
    private static Tensor byClass(Tensor numbers, Tensor x) {
        int[] shape = new int[Math.max(1, x.shape().rank() - 1)];
        Arrays.fill(shape, 1);
        shape[0] = numbers.dim(0);
        return numbers.reshape(shape);
    }

    private static Tensor reduced(Tensor losses, Tensor weight, Reduction reduction) {
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.sum().div(weight.sum());
        };
    }

    /** Above 0 where two whole numbers are equal, else below. */
    static Tensor is(Tensor a, Tensor b) {
        return a.sub(b).abs().neg().add(0.5);
    }

    /** max(x, 0). */
    private static Tensor positive(Tensor x) {
        return Arrange.where(x, x, zero(x));
    }

    static Tensor zero(Tensor like) {
        return number(like, 0);
    }

    static Tensor one(Tensor like) {
        return number(like, 1);
    }

    /** A float32 number as {@code like} computes. */
    static Tensor number(Tensor like, double value) {
        return Constants.of(
                like.device(),
                like.dtype(),
                List.of("number", value),
                () -> Tensor.scalar((float) value));
    }

    /** 0, 1, ... n - 1. */
    static Tensor ramp(Tensor like, int n) {
        return Constants.of(
                like.device(),
                like.dtype(),
                List.of("ramp", n),
                () -> {
                    float[] numbers = new float[n];
                    for (int i = 0; i < n; i++) {
                        numbers[i] = i;
                    }
                    return Tensor.of(numbers, n);
                });
    }

    private static Tensor ones(Tensor like, int... shape) {
        return Constants.of(
                like.device(),
                like.dtype(),
                List.of("ones", Shape.of(shape)),
                () -> {
                    float[] numbers = new float[Shape.of(shape).size()];
                    Arrays.fill(numbers, 1);
                    return Tensor.of(numbers, shape);
                });
    }
}
