package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/** Batch and layer normalisation by their formulas, in double. */
interface ScalarNormalisation extends Backend {

    @Override
    default void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        HostBuffer in = host(x);
        int count = s.n() * s.inner();
        for (int c = 0; c < s.channels(); c++) {
            double sum = 0;
            for (int n = 0; n < s.n(); n++) {
                for (int i = 0; i < s.inner(); i++) {
                    sum += in.get(place(s, n, c) + i);
                }
            }
            double m = sum / count;
            double squares = 0;
            for (int n = 0; n < s.n(); n++) {
                for (int i = 0; i < s.inner(); i++) {
                    double d = in.get(place(s, n, c) + i) - m;
                    squares += d * d;
                }
            }
            host(moments.mean()).set(c, m);
            host(moments.invStd()).set(c, 1 / StrictMath.sqrt(squares / count + s.eps()));
            move(runningMean, c, m, s.momentum());
            move(runningVar, c, squares / (count - 1), s.momentum());
        }
    }

    private static void move(@Nullable Buffer running, int c, double to, double momentum) {
        if (running != null) {
            HostBuffer r = host(running);
            r.set(c, (1 - momentum) * r.get(c) + momentum * to);
        }
    }

    @Override
    default void batchNorm(Buffer x, Moments moments, Affine affine, Buffer y, NormSpec s) {
        for (int n = 0; n < s.n(); n++) {
            for (int c = 0; c < s.channels(); c++) {
                for (int i = 0; i < s.inner(); i++) {
                    int at = place(s, n, c) + i;
                    double p = normalised(host(x).get(at), moments, affine, c);
                    host(y).set(at, s.isRectified() ? Math.min(Math.max(p, 0), s.limit()) : p);
                }
            }
        }
    }

    private static double normalised(double x, Moments moments, Affine affine, int c) {
        double scale = host(moments.invStd()).get(c) * or(affine.w(), c, 1);
        return (x - host(moments.mean()).get(c)) * scale + or(affine.b(), c, 0);
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
        HostBuffer in = host(x);
        HostBuffer to = host(dx);
        int count = s.n() * s.inner();
        for (int c = 0; c < s.channels(); c++) {
            double m = host(moments.mean()).get(c);
            double inv = host(moments.invStd()).get(c);
            double sum = 0;
            double dot = 0;
            for (int n = 0; n < s.n(); n++) {
                for (int i = 0; i < s.inner(); i++) {
                    int at = place(s, n, c) + i;
                    double p = normalised(in.get(at), moments, affine, c);
                    double g = passes(p, s) ? host(dy).get(at) : 0;
                    to.set(at, g);
                    sum += g;
                    dot += g * (in.get(at) - m) * inv;
                }
            }
            host(dw).set(c, dot);
            host(db).set(c, sum);
            double scale = or(affine.w(), c, 1) * inv;
            double meanG = moments.ofInput() ? sum / count : 0;
            double meanGh = moments.ofInput() ? dot / count : 0;
            for (int n = 0; n < s.n(); n++) {
                for (int i = 0; i < s.inner(); i++) {
                    int at = place(s, n, c) + i;
                    double h = (in.get(at) - m) * inv;
                    to.set(at, scale * (to.get(at) - meanG - h * meanGh));
                }
            }
        }
    }

    private static boolean passes(double p, NormSpec s) {
        return !s.isRectified()
                || p > 0 && (p < s.limit() || s.limit() == Double.POSITIVE_INFINITY);
    }

    private static int place(NormSpec s, int n, int c) {
        return (n * s.channels() + c) * s.inner();
    }

    @Override
    default void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        HostBuffer in = host(x);
        int n = s.n();
        for (int r = 0; r < s.rows(); r++) {
            double sum = 0;
            for (int i = 0; i < n && s.centred(); i++) {
                sum += in.get(r * n + i);
            }
            double m = sum / n;
            double squares = 0;
            for (int i = 0; i < n; i++) {
                double d = in.get(r * n + i) - m;
                squares += d * d;
            }
            double inv = 1 / StrictMath.sqrt(squares / n + s.eps());
            host(moments.mean()).set(r, m);
            host(moments.invStd()).set(r, inv);
            for (int i = 0; i < n; i++) {
                int k = s.firstWeight(r) + i / s.inner();
                host(y).set(r * n + i, (in.get(r * n + i) - m) * inv * or(w, k, 1) + or(b, k, 0));
            }
        }
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
        HostBuffer in = host(x);
        HostBuffer g = host(dy);
        int n = s.n();
        double[] sumW = new double[s.weights()];
        double[] sumB = new double[s.weights()];
        for (int r = 0; r < s.rows(); r++) {
            double m = host(moments.mean()).get(r);
            double inv = host(moments.invStd()).get(r);
            double sum = 0;
            double dot = 0;
            for (int i = 0; i < n; i++) {
                int k = s.firstWeight(r) + i / s.inner();
                double gi = g.get(r * n + i);
                double h = (in.get(r * n + i) - m) * inv;
                sumW[k] += gi * h;
                sumB[k] += gi;
                sum += gi * or(w, k, 1);
                dot += gi * or(w, k, 1) * h;
            }
            double meanG = s.centred() ? sum / n : 0;
            for (int i = 0; i < n; i++) {
                int k = s.firstWeight(r) + i / s.inner();
                double h = (in.get(r * n + i) - m) * inv;
                host(dx).set(
                                r * n + i,
                                inv * (g.get(r * n + i) * or(w, k, 1) - meanG - h * dot / n));
            }
        }
        for (int k = 0; k < s.weights(); k++) {
            host(dw).set(k, sumW[k]);
            host(db).set(k, sumB[k]);
        }
    }

    private static double or(@Nullable Buffer b, int i, double otherwise) {
        return b == null ? otherwise : host(b).get(i);
    }
}
