package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation, all sizes one way: {@link Channels}. Numbers decide the rest: a gradient's
 * factors may underflow, and sums of floats may overflow.
 */
public final class BatchNormalisation {
    /** Below it, the factors of batch normalisation's gradient may underflow float32. */
    private static final double SMALLEST_INVERSE = 1e-10;

    private final Backend reference;

    /** Whether a gradient ever went to the reference. */
    private volatile boolean underflowed;

    /** The room, with whoever computes what may underflow. */
    public BatchNormalisation(Backend reference) {
        this.reference = reference;
    }

    /** {@link Backend#batchNormStatistics}. */
    public void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        double[] means = new double[s.channels()];
        double[] squares = new double[s.channels()];
        Channels.statistics(floats(x), means, squares, s);
        int count = s.n() * s.inner();
        for (int c = 0; c < s.channels(); c++) {
            host(moments.mean()).set(c, means[c]);
            host(moments.invStd()).set(c, 1 / StrictMath.sqrt(squares[c] / count + s.eps()));
            move(runningMean, c, means[c], s.momentum());
            move(runningVar, c, squares[c] / (count - 1), s.momentum());
        }
    }

    private static void move(@Nullable Buffer running, int c, double to, double momentum) {
        if (running != null) {
            HostBuffer r = host(running);
            r.set(c, (1 - momentum) * r.get(c) + momentum * to);
        }
    }

    /** {@link Backend#batchNorm}. */
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
            scale[c] = (float) (host(moments.invStd()).get(c) * or(w, c, 1));
            shift[c] = (float) or(b, c, 0);
        }
        Channels.normalise(floats(x), floats(y), means, scale, shift, s);
    }

    /** {@link Backend#batchNormGrad}. */
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
        HostBuffer invStd = host(moments.invStd());
        for (int c = 0; c < channels; c++) {
            means[c] = (float) host(moments.mean()).get(c);
            if (invStd.get(c) < SMALLEST_INVERSE) {
                underflowed = true;
                reference.batchNormGrad(x, moments, w, dy, dx, dw, db, s);
                return;
            }
        }
        int count = s.n() * s.inner();
        Channels.Factors factors =
                (c, sum, dot, factor) -> {
                    double inv = invStd.get(c);
                    double scale = or(w, c, 1) * inv;
                    host(db).set(c, sum);
                    host(dw).set(c, dot * inv);
                    factor[0] = (float) scale;
                    factor[1] = moments.ofInput() ? (float) (-scale * inv * inv * dot / count) : 0f;
                    factor[2] = moments.ofInput() ? (float) (-scale * sum / count) : 0f;
                };
        Channels.gradient(floats(x), floats(dy), floats(dx), means, factors, s);
    }

    /** What went to the reference so far, and why. */
    public List<String> slow() {
        return underflowed
                ? List.of(
                        "batchNormGrad: reference (a variance beyond 1e20: factors may underflow)")
                : List.of();
    }

    private static double or(@Nullable Buffer b, int c, double otherwise) {
        return b == null ? otherwise : host(b).get(c);
    }
}
