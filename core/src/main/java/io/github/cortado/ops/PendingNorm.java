package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.NormSpec;
import org.jspecify.annotations.Nullable;

/** Values of a batch normalisation that have not been computed: a {@link Clamp} may join them. */
abstract class PendingNorm extends Pending implements Clampable {
    private final NormSpec spec;
    private final boolean hasW;
    private final boolean hasB;

    /** Of x, by the mean and what says how far values are from it. */
    PendingNorm(
            Tensor x,
            Tensor mean,
            Tensor spread,
            @Nullable Tensor w,
            @Nullable Tensor b,
            NormSpec spec) {
        super("batchNorm", x, x.shape(), Normalise.present(x, mean, spread, w, b));
        this.spec = spec;
        hasW = w != null;
        hasB = b != null;
    }

    @Override
    protected final boolean mayBeFollowed() {
        return true;
    }

    final NormSpec spec() {
        return spec;
    }

    final Buffer x() {
        return inputs().get(0).buffer();
    }

    final Buffer mean() {
        return inputs().get(1).buffer();
    }

    /** The variance, or the inverse deviation. */
    final Buffer spread() {
        return inputs().get(2).buffer();
    }

    final Affine affine() {
        int last = inputs().size() - 1;
        return new Affine(
                hasW ? inputs().get(3).buffer() : null, hasB ? inputs().get(last).buffer() : null);
    }
}
