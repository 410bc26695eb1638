package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.NormSpec;
import org.jspecify.annotations.Nullable;

/** Batch and layer normalisation: see {@code normalise.cu}. */
interface CudaNormalisation extends CudaMemory {
    @Override
    default void batchNormStatistics(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        if (s.channels() > 0) {
            gpu().launch(Kernel.BATCH_NORM_STATISTICS)
                    .grid(s.channels())
                    .pointer(x)
                    .pointer(mean)
                    .pointer(invStd)
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
    default void batchNorm(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            NormSpec s) {
        if (y.length() > 0) {
            gpu().launch(Kernel.BATCH_NORM, y.length())
                    .pointer(x)
                    .pointer(mean)
                    .pointer(invStd)
                    .pointer(w)
                    .pointer(b)
                    .pointer(y)
                    .int32(s.n())
                    .int32(s.channels())
                    .int32(s.inner())
                    .run();
        }
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
        if (s.channels() > 0) {
            gpu().launch(Kernel.BATCH_NORM_GRAD)
                    .grid(s.channels())
                    .pointer(x)
                    .pointer(mean)
                    .pointer(invStd)
                    .pointer(w)
                    .pointer(dy)
                    .pointer(dx)
                    .pointer(dw)
                    .pointer(db)
                    .int32(s.n())
                    .int32(s.channels())
                    .int32(s.inner())
                    .int32(batchStatistics ? 1 : 0)
                    .run();
        }
    }

    @Override
    default void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Buffer mean,
            Buffer invStd,
            int rows,
            int n,
            double eps) {
        if (rows > 0) {
            gpu().launch(Kernel.LAYER_NORM)
                    .grid(gpu().blocks(rows))
                    .pointer(x)
                    .pointer(w)
                    .pointer(b)
                    .pointer(y)
                    .pointer(mean)
                    .pointer(invStd)
                    .int32(rows)
                    .int32(n)
                    .float32(eps)
                    .run();
        }
    }

    @Override
    default void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Buffer mean,
            Buffer invStd,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            int rows,
            int n) {
        if (rows == 0) {
            fill(dw, 0);
            fill(db, 0);
            return;
        }
        gpu().launch(Kernel.LAYER_NORM_GRAD)
                .grid(gpu().blocks(rows))
                .pointer(x)
                .pointer(w)
                .pointer(mean)
                .pointer(invStd)
                .pointer(dy)
                .pointer(dx)
                .int32(rows)
                .int32(n)
                .run();
        int parts = CudaReductions.parts(new Axis(1, rows, n));
        if (parts == 1) {
            parameters(x, mean, invStd, dy, dw, db, rows, n, 1);
            return;
        }
        Buffer partial = empty(DType.FLOAT32, Math.multiplyExact(2 * parts, n));
        Buffer partialW = partial.slice(0, parts * n);
        Buffer partialB = partial.slice(parts * n, parts * n);
        parameters(x, mean, invStd, dy, partialW, partialB, rows, n, parts);
        sum(partialW, dw, new Axis(1, parts, n));
        sum(partialB, db, new Axis(1, parts, n));
        partial.release("it held partial sums");
    }

    private void parameters(
            Buffer x,
            Buffer mean,
            Buffer invStd,
            Buffer dy,
            Buffer dw,
            Buffer db,
            int rows,
            int n,
            int parts) {
        gpu().launch(Kernel.LAYER_NORM_GRAD_PARAMETERS)
                .grid((n + CudaReductions.COLUMNS - 1) / CudaReductions.COLUMNS, parts, 1)
                .block(CudaReductions.COLUMNS, CudaReductions.LANES)
                .pointer(x)
                .pointer(mean)
                .pointer(invStd)
                .pointer(dy)
                .pointer(dw)
                .pointer(db)
                .int32(rows)
                .int32(n)
                .int32(parts)
                .run();
    }
}
