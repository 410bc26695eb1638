package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values normalised by running statistics that have not been computed, and of which no gradient is
 * recorded. A convolution before them that is for them alone does it along, by other weights:
 * {@link FoldedWeights}.
 */
final class PendingEvaluatedNorm extends Pending implements Clampable {
    private final boolean hasW;
    private final boolean hasB;
    private final NormSpec spec;
    private boolean isClamped;

    PendingEvaluatedNorm(
            Tensor x,
            Tensor mean,
            Tensor var,
            @Nullable Tensor w,
            @Nullable Tensor b,
            NormSpec spec) {
        super("batchNorm", x, x.shape(), present(x, mean, var, w, b));
        hasW = w != null;
        hasB = b != null;
        this.spec = spec;
    }

    private static List<Tensor> present(@Nullable Tensor... some) {
        List<Tensor> present = new ArrayList<>();
        for (Tensor t : some) {
            if (t != null) {
                present.add(t);
            }
        }
        return present;
    }

    @Override
    protected Buffer compute() {
        return compute(null);
    }

    @Override
    public boolean takes(Clamp c) {
        return isForOneAlone();
    }

    @Override
    public Buffer clamped(Clamp c) {
        isClamped = true;
        return compute(c);
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

    private Buffer compute(@Nullable Clamp c) {
        String what = c == null ? "batchNorm" : "batchNorm + " + c.op();
        if (Internals.pending(inputs().get(0)) instanceof PendingConv2d conv
                && conv.isInference()
                && conv.isForOneAlone()) {
            fused("conv2d + " + what);
            return conv.normalised(
                    mean(), var(), affine(), spec.eps(), c == null ? Double.NaN : c.limit());
        }
        if (c != null) {
            fused(what);
        }
        Backend backend = device().backend();
        Buffer invStd = backend.empty(dtype(), spec.channels());
        Normalise.inverseStd(backend, var(), invStd, spec.eps());
        Buffer y = empty();
        backend.batchNorm(
                inputs().get(0).buffer(),
                new Moments(mean(), invStd, false),
                affine(),
                y,
                c == null ? spec : c.of(spec));
        invStd.release("its values were normalised");
        return y;
    }

    private Buffer mean() {
        return inputs().get(1).buffer();
    }

    private Buffer var() {
        return inputs().get(2).buffer();
    }

    private Affine affine() {
        List<Tensor> in = inputs();
        return new Affine(
                hasW ? in.get(3).buffer() : null, hasB ? in.get(in.size() - 1).buffer() : null);
    }
}
