package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import org.jspecify.annotations.Nullable;

/** Rows that have not been normalised; their moments are computed along. */
final class PendingLayerNorm extends PendingKernel {
    private final Tensor mean;
    private final Tensor invStd;
    private final boolean hasW;
    private final boolean hasB;
    private final LayerNormSpec spec;

    /**
     * Rows of x.
     *
     * @param op what is written
     * @param mean where it is written, for the gradient, as is {@code invStd}
     */
    PendingLayerNorm(
            String op,
            Tensor x,
            @Nullable Tensor w,
            @Nullable Tensor b,
            Tensor mean,
            Tensor invStd,
            LayerNormSpec spec) {
        super(op, x, x.shape(), Normalise.present(x, w, b));
        this.mean = mean;
        this.invStd = invStd;
        hasW = w != null;
        hasB = b != null;
        this.spec = spec;
    }

    @Override
    protected void compute(Buffer y) {
        int last = inputs().size() - 1;
        device().backend()
                .layerNorm(
                        inputs().get(0).buffer(),
                        hasW ? inputs().get(1).buffer() : null,
                        hasB ? inputs().get(last).buffer() : null,
                        y,
                        new Moments(mean.buffer(), invStd.buffer(), true),
                        spec);
    }
}
