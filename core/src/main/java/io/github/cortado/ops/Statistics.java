package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import java.util.List;

/** What is made of sums and maxima along dimensions. */
public final class Statistics {
    private static final Differentiable NORM_GRAD = Differentiable.of(Formulas.NORM_GRAD);

    private Statistics() {}

    /**
     * The sum of squared distances from the mean, divided by count - correction, or by 0 where that
     * is less; in two passes over x.
     */
    public static Tensor variance(Tensor x, int correction, int[] dims, boolean keepDim) {
        Checks.floating("var", x);
        Checks.require(correction >= 0, "var: expected a correction from 0 up, got %s", correction);
        Reduce.mark("var", x.shape(), dims);
        Tensor kept = Reduce.mean(x, dims, true);
        double count = (double) x.size() / Math.max(1, kept.size());
        return x.sub(kept).square().sum(keepDim, dims).div(Math.max(0, count - correction));
    }

    /** The root of {@link #variance}, without a gradient where it is 0. */
    public static Tensor deviation(Tensor x, int correction, int[] dims, boolean keepDim) {
        return Pointwise.apply(Functions.DEVIATION, variance(x, correction, dims, keepDim));
    }

    /**
     * ln(sum of e^x) along a dimension, of the distances from the largest element, so that nothing
     * overflows; an infinite one is the result. dx = dy e^(x - y).
     */
    public static Tensor logSumExp(Tensor x, int dim, boolean keepDim) {
        Max.axis("logSumExp", x, dim);
        Tensor values = x.detach();
        Tensor kept;
        try (var pause = Autograd.noGrad()) {
            Tensor most = Pointwise.apply(Formulas.FINITE, values.max(dim, true).values());
            kept = values.sub(most).exp().sum(true, dim).log().add(most);
        }
        Tensor y = keepDim ? kept : kept.squeeze(dim);
        return Node.record(
                "logSumExp",
                y,
                List.of(y),
                Edge.to(
                                x,
                                dy -> {
                                    Tensor wide =
                                            new Tensor(dy.device(), kept.shape(), dy.buffer());
                                    return values.sub(kept).exp().mul(wide);
                                })
                        .differentiable(
                                dy -> {
                                    int[] dims = kept.shape().dims();
                                    Tensor wide = dy.reshape(dims);
                                    return x.sub(y.reshape(dims)).exp().mul(wide);
                                }));
    }

    /** (sum of x^2)^(1/2) over dimensions; dx = dy x / y, 0 where y is. */
    public static Tensor norm(Tensor x, int[] dims, boolean keepDim) {
        Checks.floating("norm", x);
        Reduce.mark("norm", x.shape(), dims);
        Tensor values = x.detach();
        Tensor kept;
        try (var pause = Autograd.noGrad()) {
            kept = values.square().sum(true, dims).sqrt();
        }
        Tensor y = keepDim ? kept : Reduce.dropped(kept, dims);
        return Node.record(
                "norm",
                y,
                List.of(y),
                Edge.to(
                                x,
                                dy -> {
                                    Tensor wide =
                                            new Tensor(dy.device(), kept.shape(), dy.buffer());
                                    return Pointwise.run(
                                            Formulas.NORM_GRAD,
                                            List.of(values, kept, wide),
                                            x.shape(),
                                            List.of(),
                                            List.of());
                                })
                        .differentiable(
                                dy -> {
                                    int[] sizes = kept.shape().dims();
                                    return Pointwise.apply(
                                            NORM_GRAD,
                                            List.of(x, y.reshape(sizes), dy.reshape(sizes)),
                                            List.of(),
                                            List.of());
                                }));
    }

    /** Smallest values along a dimension, and where they are; the first NaN wins. */
    public static Tensor.Minima min(Tensor x, int dim, boolean keepDim) {
        Max.axis("min", x, dim);
        Tensor.Maxima opposite = x.neg().max(dim, keepDim);
        return new Tensor.Minima(opposite.values().neg(), opposite.indices());
    }
}
