package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation over groups of channels. Every channel of every picture is one of a batch
 * normalisation, with the moments of its group and the weights of its channel.
 */
public final class GroupNormalise {
    private final Backend backend;
    private final int n;
    private final int channels;
    private final int groups;
    private final NormSpec whole;
    private final NormSpec parts;

    private GroupNormalise(Tensor x, int groups, double eps) {
        backend = x.device().backend();
        n = x.dim(0);
        channels = x.dim(1);
        this.groups = groups;
        int inner = x.shape().product(2, x.shape().rank());
        whole = new NormSpec(1, n * groups, channels / groups * inner, eps, 0);
        parts = new NormSpec(1, n * channels, inner, eps, 0);
    }

    /**
     * y = (x - mean) / sqrt(var + eps) w + b of x [n, channels, ...], mean and biased variance over
     * the channels of a group of one picture, w and b [channels].
     */
    public static Tensor apply(
            Tensor x, int groups, @Nullable Tensor w, @Nullable Tensor b, double eps) {
        Checks.floating("groupNorm", x);
        Checks.require(
                x.shape().rank() >= 2 && groups > 0 && x.dim(1) % groups == 0,
                "groupNorm: expected [n, channels, ...] with channels in %s groups, got %s",
                groups,
                x.shape());
        for (Tensor t : Normalise.present(w, b)) {
            Checks.compatible("groupNorm", x, t);
            Checks.require(
                    t.shape().equals(Shape.of(x.dim(1))),
                    "groupNorm: a weight or bias of shape %s does not fit %s channels (input %s)",
                    t.shape(),
                    x.dim(1),
                    x.shape());
        }
        GroupNormalise g = new GroupNormalise(x, groups, eps);
        Checks.require(
                x.size() == 0 || g.whole.inner() > 1,
                "groupNorm: a group of one value has no variance (input %s, %s groups)",
                x.shape(),
                groups);
        return g.run(x, w, b);
    }

    private Tensor run(Tensor x, @Nullable Tensor w, @Nullable Tensor b) {
        Tensor mean = x.empty(Shape.of(n * groups));
        Tensor invStd = x.empty(Shape.of(n * groups));
        if (x.size() > 0) {
            backend.batchNormStatistics(
                    x.buffer(),
                    new Moments(mean.buffer(), invStd.buffer(), true),
                    null,
                    null,
                    whole);
        }
        Tensor means = ofChannels(mean);
        Tensor spreads = ofChannels(invStd);
        Tensor weights = ofPictures(w);
        Tensor biases = ofPictures(b);
        PendingBatchNorm norm =
                new PendingBatchNorm(x, means, spreads, false, weights, biases, parts);
        JointGradients gradients =
                new JointGradients(
                        dy -> {
                            Tensor before = norm.beforeClamp(dy);
                            Tensor dx = Internals.newGrad(x);
                            Tensor dw = x.empty(Shape.of(n, channels));
                            Tensor db = x.empty(Shape.of(n, channels));
                            backend.batchNormGrad(
                                    x.buffer(),
                                    new Moments(means.buffer(), spreads.buffer(), false),
                                    new Affine(bufferOf(weights), bufferOf(biases)),
                                    (before == null ? dy : before).buffer(),
                                    dx.buffer(),
                                    dw.buffer(),
                                    db.buffer(),
                                    before == null ? parts : norm.clampedSpec());
                            correct(dx, x, mean, invStd, share(db, weights), share(dw, weights));
                            return new Tensor[] {dx, dw.sum(false, 0), db.sum(false, 0)};
                        });
        return Node.record(
                "groupNorm",
                norm.result(),
                List.of(),
                Normalise.present(mean, invStd, means, spreads, weights, biases),
                gradients.edges(x, w, b));
    }

    /** A number for each group of each picture, as one for each of its channels. */
    private Tensor ofChannels(Tensor t) {
        Tensor y = t.empty(Shape.of(n * channels));
        int[] shape = {n * groups, channels / groups};
        backend.gather(t.buffer(), y.buffer(), new Strided(shape, new int[] {1, 0}, 0));
        return y;
    }

    /** A number for each channel, as one for each channel of each picture. */
    private @Nullable Tensor ofPictures(@Nullable Tensor t) {
        if (t == null) {
            return null;
        }
        Tensor y = t.empty(Shape.of(n * channels));
        backend.gather(
                t.buffer(), y.buffer(), new Strided(new int[] {n, channels}, new int[] {0, 1}, 0));
        return y;
    }

    private static @Nullable Buffer bufferOf(@Nullable Tensor t) {
        return t == null ? null : t.buffer();
    }

    /** The mean over each group of the sums of its channels, weighted. */
    private Tensor share(Tensor sums, @Nullable Tensor weights) {
        Tensor flat = sums.reshape(n * channels);
        Tensor weighted = weights == null ? flat : flat.mul(weights);
        return weighted.reshape(n * groups, channels / groups).sum(true, 1).div(whole.inner());
    }

    /**
     * What the moments have to do with dx: dx -= invStd (share + (x - mean) invStd slope), as a x +
     * b, for which a line has two numbers.
     */
    private void correct(
            Tensor dx, Tensor x, Tensor mean, Tensor invStd, Tensor share, Tensor slope) {
        if (x.size() == 0) {
            return;
        }
        Shape one = Shape.of(n * groups, 1);
        Tensor spread = invStd.reshape(one.dims());
        Tensor a = spread.square().mul(slope).neg();
        Tensor b = mean.reshape(one.dims()).mul(a).add(spread.mul(share)).neg();
        Shape lines = Shape.of(n * groups, whole.inner());
        backend.pointwise(
                Formulas.NORM_GRAD_OF_MOMENTS,
                new Operands(
                        List.of(dx.buffer(), x.buffer(), a.buffer(), b.buffer()),
                        List.of(dx.buffer()),
                        List.of(),
                        List.of(),
                        Broadcast.of(lines, List.of(lines, lines, one, one))));
    }
}
