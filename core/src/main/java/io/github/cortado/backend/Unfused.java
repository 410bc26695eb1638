package io.github.cortado.backend;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** A convolution and the pooling of its results, one after the other. */
public record Unfused(Backend backend) {
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
