package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.LayerNormSpec;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation over groups of channels: a group of a picture is a row, in which each channel has a
 * weight.
 */
public final class GroupNormalise {
    private GroupNormalise() {}

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
        int inner = x.shape().product(2, x.shape().rank());
        int channels = x.dim(1) / groups;
        Checks.require(
                x.size() == 0 || channels * inner > 1,
                "groupNorm: a group of one value has no variance (input %s, %s groups)",
                x.shape(),
                groups);
        // Of nothing there are no rows, but all weights.
        int length = Math.max(1, inner);
        int rows = x.size() == 0 ? 0 : x.dim(0) * groups;
        LayerNormSpec spec = new LayerNormSpec(rows, channels * length, length, groups, true, eps);
        return Normalise.rows("groupNorm", x, w, b, spec);
    }
}
