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
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.norm.RowLoops.Row;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation, row by row on all threads: sums of vectors, or in double where floats
 * overflow, squares do from 1e19 on. The gradients of w and b are added up over some rows in float,
 * and those sums in double and in order.
 */
public final class LayerNormalisation {
    /** Rows whose gradients of w and b are added up in float. */
    private static final int MOST_ROWS = 64;

    private static final int LEAST_ROWS = 16;

    /** Columns of w and b that a thread finishes at a time. */
    private static final int COLUMNS = 256;

    /** {@link Backend#layerNorm}. */
    public void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        int n = s.n();
        float[] scale = values(w, n, 1f);
        float[] shift = values(b, n, 0f);
        Floats in = floats(x);
        Floats out = floats(y);
        Floats means = floats(moments.mean());
        Floats inverses = floats(moments.invStd());
        Parallel.forItems(
                s.rows(),
                n,
                Parallel.RANGE,
                row -> {
                    int p = in.offset() + row * n;
                    float near = near(in.array(), p, n);
                    double[] found = new double[2];
                    moments(in.array(), p, n, near, found);
                    double mean = found[0];
                    double inv = 1 / Math.sqrt(found[1] / n + s.eps());
                    means.set(row, mean);
                    inverses.set(row, inv);
                    float rest = (float) ((near - mean) * inv);
                    new Row(in.array(), p, near, (float) inv, n)
                            .normalise(rest, scale, shift, out.array(), out.offset() + row * n);
                });
    }

    /** A float near the mean. */
    private static float near(float[] x, int p, int n) {
        return (float) (RowLoops.sum(x, p, n, Scratch.LANE_SUMS.floats(2 * VL)) / n);
    }

    /** The mean, and the sum of squared distances from it. */
    private static void moments(float[] x, int p, int n, float near, double[] found) {
        float[] lanes = Scratch.LANE_SUMS.floats(2 * VL);
        RowLoops.distances(x, p, n, near, lanes);
        double d = RowLoops.sum(lanes, 0) / n;
        found[0] = near + d;
        found[1] = RowLoops.sum(lanes, VL) - n * d * d;
        if (!Double.isFinite(found[1])) {
            inDouble(x, p, n, found);
        }
    }

    private static void inDouble(float[] x, int p, int n, double[] found) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[p + i];
        }
        double mean = sum / n;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += (x[p + i] - mean) * (x[p + i] - mean);
        }
        found[0] = mean;
        found[1] = squares;
    }

    private static float[] values(@Nullable Buffer b, int n, float otherwise) {
        float[] values = new float[n];
        Floats given = floatsOrNull(b);
        if (given == null) {
            Arrays.fill(values, otherwise);
        } else {
            System.arraycopy(given.array(), given.offset(), values, 0, n);
        }
        return values;
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
        int n = s.n();
        int together = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, s.rows() / LEAST_ROWS));
        int chunks = IntMath.ceilDiv(s.rows(), together);
        Gradient gradient =
                new Gradient(floats(x), floats(dy), moments, floats(dx), values(w, n, 1f), s);
        float[] sumsW = new float[chunks * n];
        float[] sumsB = new float[chunks * n];
        Parallel.forChunks(
                chunks,
                chunk -> {
                    int end = Math.min(s.rows(), (chunk + 1) * together);
                    for (int row = chunk * together; row < end; row++) {
                        gradient.row(row, sumsW, sumsB, chunk * n);
                    }
                });
        Parallel.forItems(
                IntMath.ceilDiv(n, COLUMNS),
                chunks * COLUMNS,
                Parallel.RANGE,
                slice -> {
                    int from = slice * COLUMNS;
                    int length = Math.min(COLUMNS, n - from);
                    finish(sumsW, n, floats(dw), from, length);
                    finish(sumsB, n, floats(db), from, length);
                });
    }

    /** Adds up rows of n sums, those of some columns. */
    private static void finish(float[] sums, int n, Floats y, int from, int length) {
        double[] all = new double[length];
        for (int at = from; at < sums.length; at += n) {
            for (int j = 0; j < length; j++) {
                all[j] += sums[at + j];
            }
        }
        for (int j = 0; j < length; j++) {
            y.set(from + j, all[j]);
        }
    }

    /** What the gradients are made of. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    private record Gradient(
            Floats x, Floats dy, Moments moments, Floats dx, float[] w, LayerNormSpec s) {
        /** dx of a row, and what it adds to the gradients of w and b. */
        void row(int row, float[] dw, float[] db, int at) {
            int n = s.n();
            int p = x.offset() + row * n;
            int q = dy.offset() + row * n;
            float mean = (float) floats(moments.mean()).get(row);
            double inv = floats(moments.invStd()).get(row);
            float[] lanes = Scratch.LANE_SUMS.floats(2 * VL);
            RowLoops.products(x.array(), p, mean, dy.array(), q, w, n, lanes);
            double sum = RowLoops.sum(lanes, 0);
            double dot = RowLoops.sum(lanes, VL);
            if (!Double.isFinite(sum + dot)) {
                sum = 0;
                dot = 0;
                for (int i = 0; i < n; i++) {
                    double g = (double) dy.array()[q + i] * w[i];
                    sum += g;
                    dot += g * (x.array()[p + i] - mean);
                }
            }
            Row r = new Row(x.array(), p, mean, (float) inv, n);
            float slope = (float) (-inv * inv * dot / n);
            float rest = (float) (-inv * sum / n);
            r.gradient(dy.array(), q, w, slope, rest, dx.array(), dx.offset() + row * n);
            r.parameters(dy.array(), q, dw, db, at);
        }
    }
}
