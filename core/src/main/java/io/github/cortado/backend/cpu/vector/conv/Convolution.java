package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;
import static io.github.cortado.backend.cpu.HostMemory.bytes;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.Unfused;
import org.jspecify.annotations.Nullable;

/** Two-dimensional convolution, alone and with ReLU and pooling behind it. */
public final class Convolution {
    /** For a bias or a gradient that is not wanted. */
    private static final float[] NONE = {};

    private final Unfused unfused;

    public Convolution(Unfused unfused) {
        this.unfused = unfused;
    }

    public void conv2d(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward(x, w, b, y, s, false);
    }

    public void conv2dRelu(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward(x, w, b, y, s, true);
    }

    private static void forward(
            Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s, boolean relu) {
        float[] bias = b == null ? NONE : array(b);
        int biasAt = b == null ? 0 : at(b);
        VectorConv2d.forward(
                s, array(x), at(x), array(w), at(w), bias, biasAt, array(y), at(y), relu);
    }

    public void conv2dGradInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        VectorConv2d.gradInput(s, array(dy), at(dy), array(w), at(w), array(dx), at(dx));
    }

    public void conv2dGradWeight(
            Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        float[] bias = db == null ? NONE : array(db);
        int biasAt = db == null ? 0 : at(db);
        VectorConv2d.gradWeight(
                s, array(x), at(x), array(dy), at(dy), array(dw), at(dw), bias, biasAt);
    }

    public void conv2dReluMaxPool2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            ConvPoolSpec spec) {
        Conv2dSpec conv = spec.conv();
        Pool2dSpec pool = spec.pool();
        float[] bias = b == null ? NONE : array(b);
        int biasAt = b == null ? 0 : at(b);
        ConvPass pass = VectorConv2d.forwardPass(conv, array(w), at(w), bias, biasAt);
        if (pool.isTwoByTwo() && pass.canPool()) {
            byte[] places = index == null ? null : bytes(index);
            int placesAt = index == null ? 0 : at(index);
            pass.runPooled(array(x), at(x), array(y), at(y), places, placesAt, pool);
        } else {
            unfused.conv2dReluMaxPool2d(x, w, b, y, index, spec);
        }
    }

    public void conv2dReluMaxPool2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            ConvPoolSpec spec) {
        Conv2dSpec conv = spec.conv();
        Pool2dSpec pool = spec.pool();
        if (!ConvPoolGradient.fits(conv, pool, dx != null)) {
            unfused.conv2dReluMaxPool2dGrad(x, w, dy, index, dx, dw, db, spec);
            return;
        }
        ConvPoolGradient.run(
                conv,
                pool,
                array(x),
                at(x),
                array(w),
                at(w),
                array(dy),
                at(dy),
                bytes(index),
                at(index),
                dx == null ? NONE : array(dx),
                dx == null ? 0 : at(dx),
                dw == null ? NONE : array(dw),
                dw == null ? 0 : at(dw),
                db == null ? NONE : array(db),
                db == null ? 0 : at(db));
    }
}
