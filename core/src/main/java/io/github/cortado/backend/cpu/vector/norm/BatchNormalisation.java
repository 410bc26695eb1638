package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation, see {@link Channels}. Where a gradient's factors may underflow, or sums of
 * floats overflow, a channel is computed in double.
 */
public final class BatchNormalisation {
    /** Below it, the factors of batch normalisation's gradient may underflow float32. */
    private static final double SMALLEST_INVERSE = 1e-10;

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
    public void batchNorm(Buffer x, Moments moments, Affine affine, Buffer y, NormSpec s) {
        Channels.normalise(floats(x), floats(y), Lines.of(moments, affine, s.channels()), s);
    }

    /** {@link Backend#batchNormGrad}. */
    public void batchNormGrad(
            Buffer x,
            Moments moments,
            Affine affine,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            NormSpec s) {
        Lines lines = Lines.of(moments, affine, s.channels());
        HostBuffer invStd = host(moments.invStd());
        int count = s.n() * s.inner();
        Channels.Factors factors =
                (c, sum, dot, factor) -> {
                    double inv = invStd.get(c);
                    double scale = Lines.or(affine.w(), c, 1) * inv;
                    host(db).set(c, sum);
                    host(dw).set(c, dot * inv);
                    factor[0] = moments.ofInput() ? (float) (-scale * inv * inv * dot / count) : 0f;
                    factor[1] = moments.ofInput() ? (float) (-scale * sum / count) : 0f;
                };
        Channels.gradient(floats(x), floats(dy), floats(dx), lines, factors, s);
        Parallel.forChunks(
                s.channels(),
                c -> {
                    if (invStd.get(c) < SMALLEST_INVERSE) {
                        InDouble channel =
                                new InDouble(floats(x), floats(dy), moments, lines, s, c);
                        channel.gradient(floats(dx), Lines.or(affine.w(), c, 1));
                        host(db).set(c, channel.sum());
                        host(dw).set(c, channel.dot());
                    }
                });
    }

    /** A channel whose gradient's factors may underflow: number by number. */
    private record InDouble(Floats x, Floats dy, Moments moments, Lines lines, NormSpec s, int c) {
        /** What a loop over the elements of the channel does with each. */
        @FunctionalInterface
        private interface Element {
            double of(int i);
        }

        private double sum(Element e) {
            double sum = 0;
            for (int n = 0; n < s.n(); n++) {
                int at = (n * s.channels() + c) * s.inner();
                for (int i = at; i < at + s.inner(); i++) {
                    sum += e.of(i);
                }
            }
            return sum;
        }

        private double h(int i) {
            double mean = host(moments.mean()).get(c);
            return (x.get(i) - mean) * host(moments.invStd()).get(c);
        }

        /** dy, where it goes through the limit. */
        private double g(int i) {
            Limit limit = Limit.of(s);
            float p = lines.at((float) x.get(i), c);
            return limit.isNone() || limit.passes(p) ? dy.get(i) : 0;
        }

        double sum() {
            return sum(this::g);
        }

        double dot() {
            return sum(i -> g(i) * h(i));
        }

        void gradient(Floats dx, double w) {
            int count = s.n() * s.inner();
            double mean = moments.ofInput() ? sum() / count : 0;
            double slope = moments.ofInput() ? dot() / count : 0;
            double scale = w * host(moments.invStd()).get(c);
            for (int n = 0; n < s.n(); n++) {
                int at = (n * s.channels() + c) * s.inner();
                for (int i = at; i < at + s.inner(); i++) {
                    dx.set(i, scale * (g(i) - mean - h(i) * slope));
                }
            }
        }
    }
}
