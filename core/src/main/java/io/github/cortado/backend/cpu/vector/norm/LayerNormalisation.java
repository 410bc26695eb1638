package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.RowSums;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation: rows on all threads. Sums are of vectors, runs of {@value #RUN} elements at
 * most, and those are added in double. The gradients of w and b are added up for blocks of rows,
 * and those of the blocks afterwards.
 */
public final class LayerNormalisation {
    /** Elements whose sum is kept in float. */
    private static final int RUN = 4096;

    /** Rows whose gradients of w and b are added up as a block: how many blocks at least. */
    private static final int BLOCKS = 64;

    private static final int MOST_ROWS = 256;

    /** Below it floats may lose a sum of squares altogether, which only matters to a tiny eps. */
    private static final double LEAST = 1e-28;

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
        Floats scale = filled(floatsOrNull(w), s.n(), 1f);
        Floats shift = filled(floatsOrNull(b), s.n(), 0f);
        Floats means = floats(moments.mean());
        Floats inverses = floats(moments.invStd());
        int together = Math.max(1, Parallel.RANGE / s.n());
        Parallel.forChunks(
                IntMath.ceilDiv(s.rows(), together),
                chunk -> {
                    int first = chunk * together;
                    int end = Math.min(s.rows(), first + together);
                    for (int row = first; row < end; row++) {
                        double[] m = moments(in, row, s);
                        means.set(row, m[0]);
                        inverses.set(row, m[1]);
                        LayerRows.normalise(in, out, scale, shift, row, m[0], (float) m[1]);
                    }
                    out.ready(first * s.n(), (end - first) * s.n());
                });
    }

    /** The mean of a row, and the inverse of its standard deviation. */
    private static double[] moments(Floats x, int row, LayerNormSpec s) {
        int start = x.offset() + row * s.n();
        double mean = Sums.ofLine(x.array(), start, s.n()) / s.n();
        double variance = squares(x.array(), start, s.n(), mean) / s.n();
        if (!Double.isFinite(variance) || variance + s.eps() < LEAST) {
            mean = sumInDouble(x.array(), start, s.n()) / s.n();
            variance = squaresInDouble(x.array(), start, s.n(), mean) / s.n();
        }
        return new double[] {mean, 1 / Math.sqrt(variance + s.eps())};
    }

    private static Floats filled(@Nullable Floats values, int n, float otherwise) {
        if (values != null) {
            return values;
        }
        float[] same = new float[n];
        Arrays.fill(same, otherwise);
        return new Floats(same);
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
        Rows rows =
                new Rows(
                        floats(x),
                        floats(dy),
                        filled(floatsOrNull(w), s.n(), 1f),
                        floats(moments.mean()),
                        floats(moments.invStd()));
        int block =
                Math.max(
                        Math.max(1, Parallel.RANGE / Math.max(1, s.n())),
                        Math.min(MOST_ROWS, IntMath.ceilDiv(s.rows(), BLOCKS)));
        int blocks = IntMath.ceilDiv(s.rows(), block);
        int pair = 2 * s.n();
        Floats parts = new Floats(Scratch.OUTPUTS.floats((blocks + 1) * pair));
        Parallel.forChunks(
                blocks,
                i -> {
                    int first = i * block;
                    int end = Math.min(s.rows(), first + block);
                    rows.gradients(first, end, floats(dx), parts.slice(i * pair, pair));
                });
        Floats sums = parts.slice(blocks * pair, pair);
        new RowSums(new Axis(1, blocks, pair)).run(parts, sums);
        System.arraycopy(
                sums.array(), sums.offset(), floats(dw).array(), floats(dw).offset(), s.n());
        System.arraycopy(
                sums.array(),
                sums.offset() + s.n(),
                floats(db).array(),
                floats(db).offset(),
                s.n());
    }

    /** What the gradients are made of. */
    private record Rows(Floats x, Floats dy, Floats w, Floats mean, Floats inv) {
        /** Gradients of some rows, and the sums of dy h and of dy over them. */
        void gradients(int first, int end, Floats dx, Floats parts) {
            int n = w.length();
            float[] factors = new float[4];
            Arrays.fill(parts.array(), parts.offset(), parts.offset() + 2 * n, 0f);
            for (int row = first; row < end; row++) {
                factors[0] = (float) mean.get(row);
                factors[1] = (float) inv.get(row);
                means(row, factors);
                LayerRows.gradients(x, dy, w, dx, row, factors, parts);
            }
        }

        /** The means of g and of g h over a row, into the last two factors. */
        private void means(int row, float[] factors) {
            int n = w.length();
            double sum = 0;
            double dot = 0;
            float[] run = new float[2];
            for (int i = 0; i < n; i += RUN) {
                LayerRows.sums(x, dy, w, row * n + i, Math.min(RUN, n - i), factors, run);
                sum += run[0];
                dot += run[1];
            }
            factors[2] = (float) (sum / n);
            factors[3] = (float) (dot / n);
        }
    }
}
