package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import org.jspecify.annotations.Nullable;

/**
 * Normalised values that have not been computed; what they are normalised with has. A {@link Clamp}
 * may join them, and its gradient theirs: that reads x, from which the backend knows what was cut
 * off.
 */
final class PendingBatchNorm extends PendingNorm {
    private final boolean ofInput;

    /** What was computed along, and its values. */
    private @Nullable Clamp clamp;

    private @Nullable Buffer clamped;

    /**
     * Normalised values of x.
     *
     * @param ofInput whether mean and inverse deviation are x's own
     */
    PendingBatchNorm(
            Tensor x,
            Tensor mean,
            Tensor invStd,
            boolean ofInput,
            @Nullable Tensor w,
            @Nullable Tensor b,
            NormSpec spec) {
        super(x, mean, invStd, w, b, spec);
        this.ofInput = ofInput;
    }

    @Override
    protected void compute(Buffer y) {
        compute(y, spec());
    }

    @Override
    public void clamped(Clamp c, Buffer y) {
        fused("batchNorm + " + c.op());
        compute(y, c.of(spec()));
        clamp = c;
        clamped = y;
    }

    private void compute(Buffer y, NormSpec s) {
        device().backend().batchNorm(x(), new Moments(mean(), spread(), ofInput), affine(), y, s);
    }

    /**
     * What came to the clamp that was computed along, where {@code dy} is what that makes of it and
     * has not been computed; else null.
     */
    @Nullable Tensor beforeClamp(Tensor dy) {
        if (clamp == null
                || !(Internals.pending(dy) instanceof PendingFormula g)
                || !g.isOpenHere()
                || g.uses() > 0
                || !clamp.hasGradient(g.formula())
                || !isClamped(g.inputs().get(0))) {
            return null;
        }
        fused("gradients of batchNorm + " + clamp.op());
        g.leaveOut();
        return g.inputs().get(1);
    }

    private boolean isClamped(Tensor y) {
        return Internals.pending(y) == null && y.buffer() == clamped;
    }

    /** The operation that was computed, with the clamp. */
    NormSpec clampedSpec() {
        return clamp == null ? spec() : clamp.of(spec());
    }
}
