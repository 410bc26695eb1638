package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Batch and layer normalisation. */
public final class Normalise {
    private Normalise() {}

    /**
     * y = (x - mean) / sqrt(var + eps) w + b by channel of x [n, channels, ...]. In training, mean
     * and variance come from the batch and the running ones, where given, move towards them; in
     * evaluation the running ones are used.
     */
    public static Tensor batchNorm(
            Tensor x,
            @Nullable Tensor runningMean,
            @Nullable Tensor runningVar,
            @Nullable Tensor w,
            @Nullable Tensor b,
            boolean training,
            double momentum,
            double eps) {
        Checks.floating("batchNorm", x);
        Checks.require(
                x.shape().rank() >= 2,
                "batchNorm: expects input [n, channels, ...], got %s",
                x.shape());
        int channels = x.dim(1);
        for (Tensor t : present(runningMean, runningVar, w, b)) {
            Checks.compatible("batchNorm", x, t);
            Checks.require(
                    t.shape().equals(Shape.of(channels)),
                    "batchNorm: a parameter or statistic of shape %s does not fit %d channels"
                            + " (input %s)",
                    t.shape(),
                    channels,
                    x.shape());
        }
        NormSpec spec =
                new NormSpec(
                        x.dim(0), channels, x.shape().product(2, x.shape().rank()), eps, momentum);
        if (!training && runningMean != null && runningVar != null && !Node.records(x, w, b)) {
            return new PendingEvaluatedNorm(x, runningMean, runningVar, w, b, spec).result();
        }
        Backend backend = x.device().backend();
        Tensor mean = x.empty(Shape.of(channels));
        Tensor invStd = x.empty(Shape.of(channels));
        boolean fromBatch;
        if (training || runningMean == null || runningVar == null) {
            fromBatch = true;
            Checks.require(
                    spec.n() * spec.inner() > 0,
                    "batchNorm: an empty batch has no mean and no variance; evaluation can do"
                            + " without, or leave it out of training (input %s)",
                    x.shape());
            Checks.require(
                    spec.n() * spec.inner() > 1,
                    "batchNorm: one value per channel has no variance (input %s)",
                    x.shape());
            List<Tensor> running = training ? present(runningMean, runningVar) : List.of();
            running.forEach(Pending::settle);
            Buffer values = x.buffer();
            Buffer.overwriting(
                    running.stream().map(Tensor::buffer).toList(),
                    () ->
                            backend.batchNormStatistics(
                                    values,
                                    moments(mean, invStd, true),
                                    training ? buffer(runningMean) : null,
                                    training ? buffer(runningVar) : null,
                                    spec));
        } else {
            fromBatch = false;
            backend.copy(runningMean.buffer(), mean.buffer());
            inverseStd(backend, runningVar.buffer(), invStd.buffer(), eps);
        }
        PendingBatchNorm norm = new PendingBatchNorm(x, mean, invStd, fromBatch, w, b, spec);
        JointGradients gradients =
                new JointGradients(
                        dy -> {
                            Tensor before = norm.beforeClamp(dy);
                            Tensor dx = Internals.newGrad(x);
                            Tensor dw = newGrad(w, mean, mean.shape());
                            Tensor db = newGrad(b, mean, mean.shape());
                            backend.batchNormGrad(
                                    x.buffer(),
                                    moments(mean, invStd, fromBatch),
                                    new Affine(buffer(w), buffer(b)),
                                    (before == null ? dy : before).buffer(),
                                    dx.buffer(),
                                    dw.buffer(),
                                    db.buffer(),
                                    before == null ? spec : norm.clampedSpec());
                            return new Tensor[] {dx, dw, db};
                        });
        return Node.record(
                "batchNorm",
                norm.result(),
                List.of(),
                List.of(mean, invStd),
                gradients.edges(x, w, b));
    }

    /** invStd = 1 / sqrt(var + eps). */
    static void inverseStd(Backend backend, Buffer var, Buffer invStd, double eps) {
        backend.pointwise(
                Formulas.INVERSE_STD,
                Operands.of(List.of(var), List.of(invStd), List.of(StepValue.of(eps))));
    }

    /** y = (x - mean) / sqrt(var + eps) w + b over the last dimensions, those of {@code shape}. */
    public static Tensor layerNorm(
            Tensor x, int[] shape, @Nullable Tensor w, @Nullable Tensor b, double eps) {
        Checks.floating("layerNorm", x);
        Shape normalized = Shape.of(shape);
        checkLast("layerNorm", x, normalized, normalized.size() > 0);
        for (Tensor t : present(w, b)) {
            Checks.compatible("layerNorm", x, t);
            Checks.require(
                    t.shape().equals(normalized),
                    "layerNorm: weight or bias %s is not of shape %s",
                    t.shape(),
                    normalized);
        }
        int n = normalized.size();
        return rows("layerNorm", x, w, b, new LayerNormSpec(x.size() / n, n, eps));
    }

    /** Rows by themselves, with weights that they may share. */
    static Tensor rows(
            String op, Tensor x, @Nullable Tensor w, @Nullable Tensor b, LayerNormSpec spec) {
        return rows(op, x, w, b, spec, List.of());
    }

    /**
     * The same.
     *
     * @param again gradients by x and w of recorded operations, or none
     */
    private static Tensor rows(
            String op,
            Tensor x,
            @Nullable Tensor w,
            @Nullable Tensor b,
            LayerNormSpec spec,
            List<UnaryOperator<Tensor>> again) {
        Backend backend = x.device().backend();
        Tensor mean = x.empty(Shape.of(spec.rows()));
        Tensor invStd = x.empty(Shape.of(spec.rows()));
        PendingLayerNorm norm = new PendingLayerNorm(op, x, w, b, mean, invStd, spec);
        JointGradients gradients =
                new JointGradients(
                        dy -> {
                            // Along with which the moments are computed.
                            norm.buffer();
                            Tensor dx = Internals.newGrad(x);
                            Tensor dw = newGrad(w, dy, Shape.of(spec.weights()));
                            Tensor db = newGrad(b, dy, Shape.of(spec.weights()));
                            backend.layerNormGrad(
                                    x.buffer(),
                                    buffer(w),
                                    moments(mean, invStd, true),
                                    dy.buffer(),
                                    dx.buffer(),
                                    dw.buffer(),
                                    db.buffer(),
                                    spec);
                            return new Tensor[] {dx, dw, db};
                        });
        Edge[] edges = gradients.edges(x, w, b);
        for (int i = 0; i < again.size() && i < edges.length; i++) {
            edges[i] = edges[i].differentiable(again.get(i));
        }
        return Node.record(op, norm.result(), List.of(), List.of(mean, invStd), edges);
    }

    private static void checkLast(String op, Tensor x, Shape normalized, boolean isPossible) {
        int outer = x.shape().rank() - normalized.rank();
        Checks.require(
                outer >= 0
                        && Arrays.equals(
                                Arrays.copyOfRange(x.shape().dims(), outer, x.shape().rank()),
                                normalized.dims())
                        && isPossible,
                "%s: the last dimensions of %s are not %s",
                op,
                x.shape(),
                normalized);
    }

    /** y = x / sqrt(mean(x^2) + eps) w over the last dimensions, those of {@code shape}. */
    public static Tensor rmsNorm(Tensor x, int[] shape, @Nullable Tensor w, double eps) {
        Checks.floating("rmsNorm", x);
        Shape normalized = Shape.of(shape);
        checkLast("rmsNorm", x, normalized, shape.length > 0);
        if (w != null) {
            Checks.compatible("rmsNorm", x, w);
            Checks.require(
                    w.shape().equals(normalized),
                    "rmsNorm: weight %s is not of shape %s",
                    w.shape(),
                    normalized);
        }
        int n = normalized.size();
        if (n == 0) {
            return w == null ? x.mul(1) : x.mul(w);
        }
        LayerNormSpec spec = new LayerNormSpec(x.size() / n, n, 1, 1, false, eps);
        int[] dims = new int[shape.length];
        Arrays.setAll(dims, i -> i - shape.length);
        return rows(
                "rmsNorm",
                x,
                w,
                null,
                spec,
                List.of(
                        dy -> {
                            Tensor g = w == null ? dy : dy.mul(w);
                            Tensor inverse = inverseRoot(x, dims, eps);
                            Tensor h = x.mul(inverse);
                            return g.sub(h.mul(g.mul(h).mean(true, dims))).mul(inverse);
                        },
                        dy ->
                                Reduce.summedTo(
                                        dy.mul(x.mul(inverseRoot(x, dims, eps))), normalized)));
    }

    private static Tensor inverseRoot(Tensor x, int[] dims, double eps) {
        return x.square().mean(true, dims).add(eps).rsqrt();
    }

    /** Asked for anew by the gradient: a tensor that is gone by then says so. */
    private static Moments moments(Tensor mean, Tensor invStd, boolean ofInput) {
        return new Moments(mean.buffer(), invStd.buffer(), ofInput);
    }

    /** Memory for the gradient of a parameter, or for numbers that nobody asked for. */
    private static Tensor newGrad(@Nullable Tensor parameter, Tensor like, Shape shape) {
        return parameter == null ? like.empty(shape) : Internals.newGrad(parameter);
    }

    private static @Nullable Buffer buffer(@Nullable Tensor t) {
        return t == null ? null : t.buffer();
    }

    /** Those that there are, in their order. */
    static List<Tensor> present(@Nullable Tensor... tensors) {
        List<Tensor> present = new ArrayList<>();
        for (Tensor t : tensors) {
            if (t != null) {
                present.add(t);
            }
        }
        return present;
    }
}
