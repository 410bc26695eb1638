package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import org.jspecify.annotations.Nullable;

/**
 * Values normalised by running statistics that have not been computed, and of which no gradient is
 * recorded. A convolution before them that is for them alone does it along, by other weights:
 * {@link FoldedWeights}.
 */
final class PendingEvaluatedNorm extends PendingNorm {
    private boolean isClamped;

    PendingEvaluatedNorm(
            Tensor x,
            Tensor mean,
            Tensor var,
            @Nullable Tensor w,
            @Nullable Tensor b,
            NormSpec spec) {
        super(x, mean, var, w, b, spec);
    }

    @Override
    protected void compute(Buffer y) {
        compute(y, null);
    }

    @Override
    public boolean mayBeOverwritten() {
        return true;
    }

    @Override
    public void clamped(Clamp c, Buffer y) {
        isClamped = true;
        compute(y, c);
    }

    /**
     * Training writes the statistics after every evaluation: what was computed along then, and most
     * likely is garbage by now, is not computed for that.
     */
    @Override
    protected void beforeWrite(Tensor x) {
        if (isClamped
                && (inputs().get(1).sharesMemoryWith(x) || inputs().get(2).sharesMemoryWith(x))) {
            copyInputs(x);
        } else {
            super.beforeWrite(x);
        }
    }

    private void compute(Buffer y, @Nullable Clamp c) {
        String what = c == null ? "batchNorm" : "batchNorm + " + c.op();
        double eps = spec().eps();
        if (Internals.pending(inputs().get(0)) instanceof PendingConv2d conv
                && conv.mayBeOverwritten()
                && conv.isForOneAlone()) {
            fused("conv2d + " + what);
            double limit = c == null ? Double.NaN : c.limit();
            conv.normalised(mean(), spread(), affine(), eps, limit, y);
            return;
        }
        if (c != null) {
            fused(what);
        }
        Backend backend = device().backend();
        Buffer invStd = backend.empty(dtype(), spec().channels());
        Normalise.inverseStd(backend, spread(), invStd, eps);
        Moments moments = new Moments(mean(), invStd, false);
        backend.batchNorm(x(), moments, affine(), y, c == null ? spec() : c.of(spec()));
        invStd.release("its values were normalised");
    }
}
