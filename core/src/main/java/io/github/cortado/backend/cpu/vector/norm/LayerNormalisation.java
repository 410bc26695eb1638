package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation: rows on all threads. Sums are of vectors, runs of {@value #RUN} elements at
 * most, and those are added in double. Where so many neighbours share a weight that they make a
 * loop, they are a channel ({@link ChannelRows}); of fewer, each has a copy.
 */
public final class LayerNormalisation {
    /** Elements whose sum is kept in float. */
    static final int RUN = 4096;

    /** Below it floats may lose a sum of squares altogether, which only matters to a tiny eps. */
    private static final double LEAST = 1e-28;

    /** Neighbours that are worth a loop. */
    private static final int WIDE = 4 * VL;

    /** {@link Backend#layerNorm}. */
    public void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        Floats in = floats(x);
        Floats out = floats(y);
        boolean isWide = s.inner() >= WIDE;
        Floats scale = spread(floatsOrNull(w), isWide ? 1 : s.inner(), s.weights(), 1f);
        Floats shift = spread(floatsOrNull(b), isWide ? 1 : s.inner(), s.weights(), 0f);
        Floats means = floats(moments.mean());
        Floats inverses = floats(moments.invStd());
        int together = Math.max(1, Parallel.RANGE / Math.max(1, s.n()));
        Parallel.forChunks(
                IntMath.ceilDiv(s.rows(), together),
                chunk -> {
                    int first = chunk * together;
                    int end = Math.min(s.rows(), first + together);
                    for (int row = first; row < end; row++) {
                        double[] m = moments(in, row, s);
                        means.set(row, m[0]);
                        inverses.set(row, m[1]);
                        if (isWide) {
                            ChannelRows.normalise(in, out, scale, shift, row, m, s);
                        } else {
                            Floats v = ofRow(scale, row, s);
                            Floats u = ofRow(shift, row, s);
                            LayerRows.normalise(in, out, v, u, row, m[0], (float) m[1]);
                        }
                    }
                    out.ready(first * s.n(), (end - first) * s.n());
                });
    }

    /** The mean of a row, and the inverse of its standard deviation. */
    private static double[] moments(Floats x, int row, LayerNormSpec s) {
        int start = x.offset() + row * s.n();
        double mean = s.centred() ? Sums.ofLine(x.array(), start, s.n()) / s.n() : 0;
        double variance = squares(x.array(), start, s.n(), mean) / s.n();
        if (!Double.isFinite(variance) || variance + s.eps() < LEAST) {
            mean = s.centred() ? sumInDouble(x.array(), start, s.n()) / s.n() : 0;
            variance = squaresInDouble(x.array(), start, s.n(), mean) / s.n();
        }
        return new double[] {mean, 1 / Math.sqrt(variance + s.eps())};
    }

    /**
     * Every value {@code times} times, or {@code otherwise} as often where there are none.
     *
     * @param count how many values there are, or would be
     */
    private static Floats spread(@Nullable Floats values, int times, int count, float otherwise) {
        if (values != null && times == 1) {
            return values;
        }
        float[] all = new float[count * times];
        for (int k = 0; k < count; k++) {
            float v = values == null ? otherwise : values.array()[values.offset() + k];
            Arrays.fill(all, k * times, (k + 1) * times, v);
        }
        return new Floats(all);
    }

    /** Of weights of all elements those of a row. */
    private static Floats ofRow(Floats all, int row, LayerNormSpec s) {
        return s.groups() == 1 ? all : all.slice(row % s.groups() * s.n(), s.n());
    }

    /** The sum of (x - mean)^2: from the float next to the mean, then moved. */
    private static double squares(float[] x, int from, int n, double mean) {
        float near = (float) mean;
        double rest = mean - near;
        double sum = 0;
        for (int i = 0; i < n; i += RUN) {
            sum += LayerRows.squares(x, from + i, Math.min(RUN, n - i), near);
        }
        return Math.max(0, sum - n * rest * rest);
    }

    private static double sumInDouble(float[] x, int from, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[from + i];
        }
        return sum;
    }

    private static double squaresInDouble(float[] x, int from, int n, double mean) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double d = x[from + i] - mean;
            sum += d * d;
        }
        return sum;
    }

    /** {@link Backend#layerNormGrad}. */
    public void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Moments moments,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            LayerNormSpec s) {
        boolean isWide = s.inner() >= WIDE;
        Floats scale = spread(floatsOrNull(w), isWide ? 1 : s.inner(), s.weights(), 1f);
        LayerGradient rows =
                new LayerGradient(
                        floats(x),
                        floats(dy),
                        scale,
                        floats(moments.mean()),
                        floats(moments.invStd()),
                        s);
        if (isWide) {
            rows.ofChannels(floats(dx), floats(dw), floats(db));
        } else {
            rows.ofElements(floats(dx), floats(dw), floats(db));
        }
    }
}
