package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.layout.Lines;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation in double: rows on all threads, and the gradients of w and b by columns, each
 * added up over the rows in their order.
 */
public final class LayerNormalisation {
    /** Columns whose gradients a thread adds up at a time. */
    private static final int COLUMNS = 64;

    /** {@link Backend#layerNorm}. */
    public void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        double[] scale = doubles(w, s.n(), 1);
        double[] shift = doubles(b, s.n(), 0);
        Floats in = floats(x);
        Floats out = floats(y);
        Floats means = floats(moments.mean());
        Floats inverses = floats(moments.invStd());
        Lines.run(
                new Axis(s.rows(), s.n(), 1),
                (start, row) -> {
                    float[] from = in.array();
                    int xo = in.offset() + start;
                    double sum = 0;
                    for (int i = 0; i < s.n(); i++) {
                        sum += from[xo + i];
                    }
                    double m = sum / s.n();
                    double squares = 0;
                    for (int i = 0; i < s.n(); i++) {
                        double d = from[xo + i] - m;
                        squares += d * d;
                    }
                    double inv = 1 / Math.sqrt(squares / s.n() + s.eps());
                    means.set(row, m);
                    inverses.set(row, inv);
                    float[] to = out.array();
                    int yo = out.offset() + start;
                    for (int i = 0; i < s.n(); i++) {
                        to[yo + i] = (float) ((from[xo + i] - m) * inv * scale[i] + shift[i]);
                    }
                });
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
        double[] scale = doubles(w, s.n(), 1);
        double[] means = doubles(moments.mean(), s.rows(), 0);
        double[] inverses = doubles(moments.invStd(), s.rows(), 0);
        Rows rows = new Rows(floats(x), floats(dy), means, inverses, s);
        rows.toInput(floats(dx), scale);
        rows.toParameters(floats(dw), floats(db));
    }

    private static double[] doubles(@Nullable Buffer b, int n, double otherwise) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = b == null ? otherwise : host(b).get(i);
        }
        return values;
    }

    /** What the gradients are made of. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    private record Rows(Floats x, Floats dy, double[] mean, double[] inv, LayerNormSpec s) {
        /** dx = inv (g - mean of g - h mean of g h), g = dy w, h = (x - mean) inv, by row. */
        void toInput(Floats dx, double[] scale) {
            int n = s.n();
            Lines.run(
                    new Axis(s.rows(), n, 1),
                    (start, row) -> {
                        float[] from = x.array();
                        int xo = x.offset() + start;
                        float[] g = dy.array();
                        int go = dy.offset() + start;
                        double m = mean[row];
                        double inverse = inv[row];
                        double sum = 0;
                        double dot = 0;
                        for (int i = 0; i < n; i++) {
                            double weighted = g[go + i] * scale[i];
                            sum += weighted;
                            dot += weighted * ((from[xo + i] - m) * inverse);
                        }
                        float[] to = dx.array();
                        int at = dx.offset() + start;
                        for (int i = 0; i < n; i++) {
                            double h = (from[xo + i] - m) * inverse;
                            double weighted = g[go + i] * scale[i];
                            to[at + i] = (float) (inverse * (weighted - sum / n - h * dot / n));
                        }
                    });
        }

        /** dw = sum of dy h, db = sum of dy, over the rows. */
        void toParameters(Floats dw, Floats db) {
            int n = s.n();
            Parallel.forChunks(
                    IntMath.ceilDiv(n, COLUMNS),
                    chunk -> {
                        int first = chunk * COLUMNS;
                        int columns = Math.min(COLUMNS, n - first);
                        double[] sumW = new double[columns];
                        double[] sumB = new double[columns];
                        float[] from = x.array();
                        float[] g = dy.array();
                        for (int row = 0; row < s.rows(); row++) {
                            int xo = x.offset() + row * n + first;
                            int go = dy.offset() + row * n + first;
                            double m = mean[row];
                            double inverse = inv[row];
                            for (int i = 0; i < columns; i++) {
                                double gi = g[go + i];
                                sumW[i] += gi * ((from[xo + i] - m) * inverse);
                                sumB[i] += gi;
                            }
                        }
                        for (int i = 0; i < columns; i++) {
                            dw.set(first + i, sumW[i]);
                            db.set(first + i, sumB[i]);
                        }
                    });
        }
    }
}
