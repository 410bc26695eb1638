package io.github.cortado.backend;

import static java.util.Objects.requireNonNull;

import io.github.cortado.backend.formula.Formula;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A convolution and what becomes of its results, one after the other. */
public record Unfused(Backend backend) {
    private static final Formula CUT_OFF =
            Formula.of("cutOff", 1, 1, a -> List.of(a.x(0).max(0).min(a.p(0))));

    /** {@link Backend#conv2d} whose results are cut off, in a pass over all of them. */
    public void rectified(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec spec) {
        backend.conv2d(x, w, b, y, null, spec.alone());
        backend.pointwise(
                CUT_OFF, Operands.of(List.of(y), List.of(y), List.of(StepValue.of(spec.limit()))));
    }

    /** {@link Backend#conv2d}, with all outputs of the convolution in memory. */
    public void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec spec) {
        Buffer z = backend.empty(x.dtype(), spec.outputSize());
        backend.conv2d(x, w, b, z, null, spec.alone());
        backend.maxPool2d(z, y, index, requireNonNull(spec.pool()));
        z.release("it was pooled");
    }

    /** {@link Backend#conv2dGrad}, with the gradients of all outputs in memory. */
    public void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec spec) {
        Buffer dz = backend.empty(x.dtype(), spec.outputSize());
        backend.maxPool2dGrad(null, index, dy, dz, requireNonNull(spec.pool()));
        backend.conv2dGrad(x, w, dz, null, dx, dw, db, spec.alone());
        dz.release("it was an intermediate gradient");
    }
}
