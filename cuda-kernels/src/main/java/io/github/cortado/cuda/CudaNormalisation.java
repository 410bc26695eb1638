package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Batch and layer normalisation: see {@code normalise.cu}. */
interface CudaNormalisation extends CudaMemory {
    @Override
    default void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        if (s.channels() > 0) {
            gpu().launch(Kernel.BATCH_NORM_STATISTICS)
                    .grid(s.channels())
                    .pointer(x)
                    .pointer(moments.mean())
                    .pointer(moments.invStd())
                    .pointer(runningMean)
                    .pointer(runningVar)
                    .int32(s.n())
                    .int32(s.channels())
                    .int32(s.inner())
                    .float32(s.eps())
                    .float32(s.momentum())
                    .run();
        }
    }

    @Override
    default void batchNorm(Buffer x, Moments moments, Affine affine, Buffer y, NormSpec s) {
        if (y.length() > 0) {
            gpu().launch(Kernel.BATCH_NORM, y.length())
                    .pointer(x)
                    .pointer(moments.mean())
                    .pointer(moments.invStd())
                    .pointer(affine.w())
                    .pointer(affine.b())
                    .pointer(y)
                    .int32(s.n())
                    .int32(s.channels())
                    .int32(s.inner())
                    .float32(s.limit())
                    .run();
        }
    }

    @Override
    default void batchNormGrad(
            Buffer x,
            Moments moments,
            Affine affine,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            NormSpec s) {
        if (s.channels() > 0) {
            gpu().launch(Kernel.BATCH_NORM_GRAD)
                    .grid(s.channels())
                    .pointer(x)
                    .pointer(moments.mean())
                    .pointer(moments.invStd())
                    .pointer(affine.w())
                    .pointer(affine.b())
                    .pointer(dy)
                    .pointer(dx)
                    .pointer(dw)
                    .pointer(db)
                    .int32(s.n())
                    .int32(s.channels())
                    .int32(s.inner())
                    .int32(moments.ofInput() ? 1 : 0)
                    .float32(s.limit())
                    .run();
        }
    }

    @Override
    default void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        if (s.rows() > 0) {
            Launch launch =
                    gpu().launch(Kernel.LAYER_NORM)
                            .grid(gpu().blocks(s.rows()))
                            .pointer(x)
                            .pointer(w)
                            .pointer(b)
                            .pointer(y)
                            .pointer(moments.mean())
                            .pointer(moments.invStd());
            rows(launch, s);
            launch.float32(s.eps()).run();
        }
    }

    /** The struct {@code Rows}. */
    private static void rows(Launch launch, LayerNormSpec s) {
        ByteBuffer struct = launch.struct().putInt(s.rows()).putInt(s.n());
        CudaConvolution.putDivisor(struct, s.inner());
        struct.putInt(s.groups()).putInt(s.centred() ? 1 : 0);
    }

    @Override
    default void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Moments moments,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            LayerNormSpec s) {
        if (s.rows() == 0) {
            fill(dw, 0);
            fill(db, 0);
            return;
        }
        Launch launch =
                gpu().launch(Kernel.LAYER_NORM_GRAD)
                        .grid(gpu().blocks(s.rows()))
                        .pointer(x)
                        .pointer(w)
                        .pointer(moments.mean())
                        .pointer(moments.invStd())
                        .pointer(dy)
                        .pointer(dx);
        rows(launch, s);
        launch.run();
        if (s.inner() > 1 || s.groups() > 1) {
            channels(x, moments, dy, dw, db, s);
            return;
        }
        int parts = CudaReductions.parts(new Axis(1, s.rows(), s.n()));
        if (parts == 1) {
            parameters(x, moments, dy, dw, db, s, 1);
            return;
        }
        int n = s.n();
        Buffer partial = empty(DType.FLOAT32, Math.multiplyExact(2 * parts, n));
        Buffer partialW = partial.slice(0, parts * n);
        Buffer partialB = partial.slice(parts * n, parts * n);
        parameters(x, moments, dy, partialW, partialB, s, parts);
        sum(partialW, dw, new Axis(1, parts, n));
        sum(partialB, db, new Axis(1, parts, n));
        partial.release("it held partial sums");
    }

    /** Of weights that elements share, or that several rows have. */
    private void channels(
            Buffer x, Moments moments, Buffer dy, Buffer dw, Buffer db, LayerNormSpec s) {
        Launch launch =
                gpu().launch(Kernel.LAYER_NORM_GRAD_CHANNELS)
                        .grid(s.weights())
                        .pointer(x)
                        .pointer(moments.mean())
                        .pointer(moments.invStd())
                        .pointer(dy)
                        .pointer(dw)
                        .pointer(db);
        rows(launch, s);
        launch.run();
    }

    private void parameters(
            Buffer x,
            Moments moments,
            Buffer dy,
            Buffer dw,
            Buffer db,
            LayerNormSpec s,
            int parts) {
        gpu().launch(Kernel.LAYER_NORM_GRAD_PARAMETERS)
                .grid((s.n() + CudaReductions.COLUMNS - 1) / CudaReductions.COLUMNS, parts, 1)
                .block(CudaReductions.COLUMNS, CudaReductions.LANES)
                .pointer(x)
                .pointer(moments.mean())
                .pointer(moments.invStd())
                .pointer(dy)
                .pointer(dw)
                .pointer(db)
                .int32(s.rows())
                .int32(s.n())
                .int32(parts)
                .run();
    }
}
