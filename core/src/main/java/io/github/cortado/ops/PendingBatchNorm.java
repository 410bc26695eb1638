package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalised values that have not been computed; what they are normalised with has. A {@link Clamp}
 * may join them, and its gradient theirs: that reads x, from which the backend knows what was cut
 * off.
 */
final class PendingBatchNorm extends Pending implements Clampable {
    private final boolean ofInput;
    private final boolean hasW;
    private final boolean hasB;
    private final NormSpec spec;

    /** What was computed along, and its values. */
    private @Nullable Clamp clamp;

    private @Nullable Buffer clamped;

    /**
     * Normalised values of x.
     *
     * @param moments mean and inverse deviation
     * @param ofInput whether these are x's own
     */
    PendingBatchNorm(
            Tensor x,
            List<Tensor> moments,
            boolean ofInput,
            @Nullable Tensor w,
            @Nullable Tensor b,
            NormSpec spec) {
        super("batchNorm", x, x.shape(), inputs(x, moments, w, b));
        this.ofInput = ofInput;
        this.hasW = w != null;
        this.hasB = b != null;
        this.spec = spec;
    }

    private static List<Tensor> inputs(
            Tensor x, List<Tensor> moments, @Nullable Tensor w, @Nullable Tensor b) {
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(x);
        inputs.addAll(moments);
        if (w != null) {
            inputs.add(w);
        }
        if (b != null) {
            inputs.add(b);
        }
        return inputs;
    }

    @Override
    protected Buffer compute() {
        return compute(spec);
    }

    @Override
    public boolean takes(Clamp c) {
        return isForOneAlone();
    }

    @Override
    public Buffer clamped(Clamp c) {
        fused("batchNorm + " + c.op());
        Buffer y = compute(c.of(spec));
        clamp = c;
        clamped = y;
        return y;
    }

    private Buffer compute(NormSpec s) {
        List<Tensor> in = inputs();
        Affine affine =
                new Affine(
                        hasW ? in.get(3).buffer() : null,
                        hasB ? in.get(in.size() - 1).buffer() : null);
        Moments moments = new Moments(in.get(1).buffer(), in.get(2).buffer(), ofInput);
        Buffer y = empty();
        device().backend().batchNorm(in.get(0).buffer(), moments, affine, y, s);
        return y;
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
        return clamp == null ? spec : clamp.of(spec);
    }
}
