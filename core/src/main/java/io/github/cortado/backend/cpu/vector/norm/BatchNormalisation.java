package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.cpu.scalar.ScalarNormalisation;
import org.jspecify.annotations.Nullable;

/** Batch normalisation. */
public final class BatchNormalisation {
    /** Below it, the factors of batch normalisation's gradient may underflow float32. */
    private static final double SMALLEST_INVERSE = 1e-10;

    private final Backend reference;

    public BatchNormalisation(Backend reference) {
        this.reference = reference;
    }

    public void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        double[] means = new double[s.channels()];
        double[] squares = new double[s.channels()];
        VectorNormalisation.statistics(array(x), at(x), means, squares, s);
        int count = s.n() * s.inner();
        for (int c = 0; c < s.channels(); c++) {
            host(moments.mean()).set(c, means[c]);
            host(moments.invStd()).set(c, 1 / StrictMath.sqrt(squares[c] / count + s.eps()));
            ScalarNormalisation.move(runningMean, c, means[c], s.momentum());
            ScalarNormalisation.move(runningVar, c, squares[c] / (count - 1), s.momentum());
        }
    }

    public void batchNorm(
            Buffer x,
            Moments moments,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            NormSpec s) {
        float[] means = new float[s.channels()];
        float[] scale = new float[s.channels()];
        float[] shift = new float[s.channels()];
        for (int c = 0; c < s.channels(); c++) {
            means[c] = (float) host(moments.mean()).get(c);
            scale[c] = (float) (host(moments.invStd()).get(c) * ScalarNormalisation.or(w, c, 1));
            shift[c] = (float) ScalarNormalisation.or(b, c, 0);
        }
        VectorNormalisation.normalise(array(x), at(x), means, array(y), at(y), scale, shift, s);
    }

    public void batchNormGrad(
            Buffer x,
            Moments moments,
            @Nullable Buffer w,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            NormSpec s) {
        int channels = s.channels();
        float[] means = new float[channels];
        for (int c = 0; c < channels; c++) {
            means[c] = (float) host(moments.mean()).get(c);
            if (host(moments.invStd()).get(c) < SMALLEST_INVERSE) {
                reference.batchNormGrad(x, moments, w, dy, dx, dw, db, s);
                return;
            }
        }
        int count = s.n() * s.inner();
        VectorNormalisation.Factors factors =
                (c, sum, dot, factor) -> {
                    double inv = host(moments.invStd()).get(c);
                    double scale = ScalarNormalisation.or(w, c, 1) * inv;
                    host(db).set(c, sum);
                    host(dw).set(c, dot * inv);
                    factor[0] = (float) scale;
                    factor[1] = moments.ofInput() ? (float) (-scale * inv * inv * dot / count) : 0f;
                    factor[2] = moments.ofInput() ? (float) (-scale * sum / count) : 0f;
                };
        VectorNormalisation.gradient(
                array(x), at(x), means, array(dy), at(dy), array(dx), at(dx), factors, s);
    }
}
