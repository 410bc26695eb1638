package io.github.cortado.backend.cpu.vector;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.scalar.ScalarNormalisation;
import io.github.cortado.backend.cpu.scalar.ScalarPooling;
import io.github.cortado.backend.cpu.scalar.ScalarProducts;
import io.github.cortado.backend.cpu.vector.conv.ConvPass;
import io.github.cortado.backend.cpu.vector.conv.ConvPoolGradient;
import io.github.cortado.backend.cpu.vector.conv.VectorConv2d;
import io.github.cortado.backend.cpu.vector.norm.VectorNormalisation;
import io.github.cortado.backend.cpu.vector.pool.OverlapPoolGradient;
import io.github.cortado.backend.cpu.vector.pool.OverlapPooling;
import io.github.cortado.backend.cpu.vector.pool.PlanePooling;
import io.github.cortado.backend.cpu.vector.pool.VectorPooling;
import io.github.cortado.backend.cpu.vector.pool.VectorReluPooling;
import org.jspecify.annotations.Nullable;

/** The fast CPU backend's convolution, pooling and batch normalisation. */
public interface VectorLayers extends ScalarProducts, ScalarPooling, ScalarNormalisation {
    /** For a bias or a gradient that is not wanted. */
    float[] NONE = {};

    /** Below it, the factors of batch normalisation's gradient may underflow float32. */
    double SMALLEST_INVERSE = 1e-10;

    @Override
    default void conv2d(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward(x, w, b, y, s, false);
    }

    @Override
    default void conv2dRelu(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward(x, w, b, y, s, true);
    }

    private static void forward(
            Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s, boolean relu) {
        float[] bias = b == null ? NONE : array(b);
        int biasAt = b == null ? 0 : at(b);
        VectorConv2d.forward(
                s, array(x), at(x), array(w), at(w), bias, biasAt, array(y), at(y), relu);
    }

    @Override
    default void conv2dGradInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        VectorConv2d.gradInput(s, array(dy), at(dy), array(w), at(w), array(dx), at(dx));
    }

    @Override
    default void conv2dGradWeight(
            Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        float[] bias = db == null ? NONE : array(db);
        int biasAt = db == null ? 0 : at(db);
        VectorConv2d.gradWeight(
                s, array(x), at(x), array(dy), at(dy), array(dw), at(dw), bias, biasAt);
    }

    @Override
    default void conv2dReluMaxPool2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec conv,
            Pool2dSpec pool) {
        float[] bias = b == null ? NONE : array(b);
        int biasAt = b == null ? 0 : at(b);
        ConvPass pass = VectorConv2d.forwardPass(conv, array(w), at(w), bias, biasAt);
        if (pool.isTwoByTwo() && pass.canPool()) {
            byte[] places = index == null ? null : bytes(index);
            int placesAt = index == null ? 0 : at(index);
            pass.runPooled(array(x), at(x), array(y), at(y), places, placesAt, pool);
        } else {
            ScalarProducts.super.conv2dReluMaxPool2d(x, w, b, y, index, conv, pool);
        }
    }

    @Override
    default void conv2dReluMaxPool2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec conv,
            Pool2dSpec pool) {
        if (!ConvPoolGradient.fits(conv, pool, dx != null)) {
            ScalarProducts.super.conv2dReluMaxPool2dGrad(x, w, dy, index, dx, dw, db, conv, pool);
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

    @Override
    default void maxPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorPooling.maxTwoByTwo(array(x), at(x), array(y), at(y), s);
        } else if (OverlapPooling.fits(s)) {
            OverlapPooling.max(array(x), at(x), array(y), at(y), null, 0, s);
        } else {
            PlanePooling.max(array(x), at(x), array(y), at(y), s);
        }
    }

    @Override
    default boolean keepsMaxPool2dIndex(Pool2dSpec s) {
        return !s.isTwoByTwo() && ScalarPooling.super.keepsMaxPool2dIndex(s);
    }

    @Override
    default void maxPool2dWithIndex(Buffer x, Buffer y, Buffer index, Pool2dSpec s) {
        if (OverlapPooling.fits(s)) {
            OverlapPooling.max(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        } else {
            PlanePooling.maxWithIndex(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        }
    }

    @Override
    default void maxPool2dGrad(Buffer x, Buffer dy, Buffer dx, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorPooling.maxTwoByTwoGrad(array(x), at(x), array(dy), at(dy), array(dx), at(dx), s);
        } else {
            PlanePooling.maxGrad(array(x), at(x), array(dy), at(dy), array(dx), at(dx), s);
        }
    }

    @Override
    default void reluMaxPool2d(Buffer x, Buffer y, Buffer index, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorReluPooling.twoByTwo(
                    array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        } else {
            PlanePooling.reluMax(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        }
    }

    @Override
    default void reluMaxPool2dGrad(Buffer dy, Buffer index, Buffer dx, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorReluPooling.twoByTwoGrad(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        } else if (OverlapPooling.fits(s)) {
            OverlapPoolGradient.run(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        } else {
            PlanePooling.reluMaxGrad(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        }
    }

    @Override
    default void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        PlanePooling.mean(array(x), at(x), array(y), at(y), s);
    }

    @Override
    default void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        PlanePooling.meanGrad(array(dy), at(dy), array(dx), at(dx), s);
    }

    @Override
    default void batchNormStatistics(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        double[] means = new double[s.channels()];
        double[] squares = new double[s.channels()];
        VectorNormalisation.statistics(array(x), at(x), means, squares, s);
        int count = s.n() * s.inner();
        for (int c = 0; c < s.channels(); c++) {
            host(mean).set(c, means[c]);
            host(invStd).set(c, 1 / StrictMath.sqrt(squares[c] / count + s.eps()));
            ScalarNormalisation.move(runningMean, c, means[c], s.momentum());
            ScalarNormalisation.move(runningVar, c, squares[c] / (count - 1), s.momentum());
        }
    }

    @Override
    default void batchNorm(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            NormSpec s) {
        float[] means = new float[s.channels()];
        float[] scale = new float[s.channels()];
        float[] shift = new float[s.channels()];
        for (int c = 0; c < s.channels(); c++) {
            means[c] = (float) host(mean).get(c);
            scale[c] = (float) (host(invStd).get(c) * ScalarNormalisation.or(w, c, 1));
            shift[c] = (float) ScalarNormalisation.or(b, c, 0);
        }
        VectorNormalisation.normalise(array(x), at(x), means, array(y), at(y), scale, shift, s);
    }

    @Override
    default void batchNormGrad(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            @Nullable Buffer w,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            boolean batchStatistics,
            NormSpec s) {
        int channels = s.channels();
        float[] means = new float[channels];
        for (int c = 0; c < channels; c++) {
            means[c] = (float) host(mean).get(c);
            if (host(invStd).get(c) < SMALLEST_INVERSE) {
                ScalarNormalisation.super.batchNormGrad(
                        x, mean, invStd, w, dy, dx, dw, db, batchStatistics, s);
                return;
            }
        }
        int count = s.n() * s.inner();
        VectorNormalisation.Factors factors =
                (c, sum, dot, factor) -> {
                    double inv = host(invStd).get(c);
                    double scale = ScalarNormalisation.or(w, c, 1) * inv;
                    host(db).set(c, sum);
                    host(dw).set(c, dot * inv);
                    factor[0] = (float) scale;
                    factor[1] = batchStatistics ? (float) (-scale * inv * inv * dot / count) : 0f;
                    factor[2] = batchStatistics ? (float) (-scale * sum / count) : 0f;
                };
        VectorNormalisation.gradient(
                array(x), at(x), means, array(dy), at(dy), array(dx), at(dx), factors, s);
    }

    static float[] array(Buffer b) {
        return ((HostBuffer.Floats) b).array();
    }

    static byte[] bytes(Buffer b) {
        return ((HostBuffer.Bytes) b).array();
    }

    static int at(Buffer b) {
        return ((HostBuffer) b).offset();
    }
}
