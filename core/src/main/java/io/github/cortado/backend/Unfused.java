package io.github.cortado.backend;

import io.github.cortado.DType;
import org.jspecify.annotations.Nullable;

/** Fused forms of {@link Backend} as what they are made of, one after the other. */
public record Unfused(Backend backend) {
    /** {@link Backend#conv2dReluMaxPool2d}, with all outputs of the convolution in memory. */
    public void conv2dReluMaxPool2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            ConvPoolSpec spec) {
        Buffer z = backend.empty(x.dtype(), spec.conv().outputSize());
        Buffer places = index == null ? backend.empty(DType.UINT8, y.length()) : index;
        backend.conv2d(x, w, b, z, spec.conv());
        backend.reluMaxPool2d(z, y, places, spec.pool());
        z.release("it was pooled");
        if (index == null) {
            places.release("no gradient asks for it");
        }
    }

    /** {@link Backend#conv2dReluMaxPool2dGrad}, with the gradients of all outputs in memory. */
    public void conv2dReluMaxPool2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            ConvPoolSpec spec) {
        Buffer dz = backend.empty(x.dtype(), spec.conv().outputSize());
        backend.reluMaxPool2dGrad(dy, index, dz, spec.pool());
        if (dx != null) {
            backend.conv2dGradInput(dz, w, dx, spec.conv());
        }
        if (dw != null) {
            backend.conv2dGradWeight(x, dz, dw, db, spec.conv());
        }
        dz.release("it was an intermediate gradient");
    }
}
