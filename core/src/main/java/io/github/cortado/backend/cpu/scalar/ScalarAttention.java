package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Qkv;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/** Attention by its definition, a query at a time. */
interface ScalarAttention extends Backend {

    @Override
    default void attention(Qkv x, @Nullable Buffer mask, Buffer y, Buffer sums, AttentionSpec s) {
        HostBuffer v = host(x.v());
        HostBuffer to = host(y);
        HostBuffer found = host(sums);
        int rows = s.sizes().rows();
        Parallel.forChunks(
                rows,
                row -> {
                    Query query = new Query(s, row);
                    double[] score = query.scores(x, mask);
                    double max = Double.NEGATIVE_INFINITY;
                    for (double score_j : score) {
                        max = Math.max(max, score_j);
                    }
                    double sum = 0;
                    for (double score_j : score) {
                        sum += StrictMath.exp(score_j - max);
                    }
                    boolean isBlind = query.isBlind(mask);
                    for (int c = 0; c < s.sizes().valueWidth(); c++) {
                        double mean = 0;
                        for (int j = 0; j < score.length && !isBlind; j++) {
                            mean += StrictMath.exp(score[j] - max) / sum * v.get(query.v(j) + c);
                        }
                        to.set(query.y() + c, mean);
                    }
                    found.set(row, isBlind ? 0 : max);
                    found.set(rows + row, isBlind ? Double.POSITIVE_INFINITY : StrictMath.log(sum));
                });
    }

    @Override
    default void attentionGrad(
            Qkv x,
            @Nullable Buffer mask,
            Buffer y,
            Buffer sums,
            Buffer dy,
            Qkv dx,
            AttentionSpec s) {
        Parallel.forChunks(s.sizes().lines(), line -> gradients(line, x, mask, y, sums, dy, dx, s));
    }

    private static void gradients(
            int line,
            Qkv x,
            @Nullable Buffer mask,
            Buffer y,
            Buffer sums,
            Buffer dy,
            Qkv dx,
            AttentionSpec s) {
        int queries = s.sizes().queries();
        int width = s.sizes().width();
        int valueWidth = s.sizes().valueWidth();
        double[] dk = new double[s.sizes().keys() * width];
        double[] dv = new double[s.sizes().keys() * valueWidth];
        for (int row = line * queries; row < (line + 1) * queries; row++) {
            Query query = new Query(s, row);
            double[] score = query.scores(x, mask);
            double max = host(sums).get(row);
            double log = host(sums).get(s.sizes().rows() + row);
            double[] dq = new double[width];
            double mean = dot(dy, query.y(), y, query.y(), valueWidth);
            for (int j = 0; j < score.length; j++) {
                double p = StrictMath.exp(score[j] - max - log);
                double t = p * (dot(dy, query.y(), x.v(), query.v(j), valueWidth) - mean);
                for (int c = 0; c < width; c++) {
                    dq[c] += s.scale() * t * host(x.k()).get(query.k(j) + c);
                    dk[j * width + c] += s.scale() * t * host(x.q()).get(query.q() + c);
                }
                for (int c = 0; c < valueWidth; c++) {
                    dv[j * valueWidth + c] += p * host(dy).get(query.y() + c);
                }
            }
            store(dq, 0, dx.q(), query.q(), width);
        }
        Query any = new Query(s, line * queries);
        for (int j = 0; j < s.sizes().keys(); j++) {
            store(dk, j * width, dx.k(), any.k(j), width);
            store(dv, j * valueWidth, dx.v(), any.v(j), valueWidth);
        }
    }

    private static double dot(Buffer a, int i, Buffer b, int j, int n) {
        double sum = 0;
        for (int c = 0; c < n; c++) {
            sum += host(a).get(i + c) * host(b).get(j + c);
        }
        return sum;
    }

    private static void store(double[] from, int first, Buffer to, int at, int n) {
        for (int c = 0; c < n; c++) {
            host(to).set(at + c, from[first + c]);
        }
    }

    /**
     * One query of a head.
     *
     * @param row its number among those of all heads
     */
    record Query(AttentionSpec s, int row) {
        private int line() {
            return row / s.sizes().queries();
        }

        private int number() {
            return row % s.sizes().queries();
        }

        /** Where the query lies. */
        int q() {
            return s.q().of(line(), s.sizes()) + number() * s.q().row();
        }

        /** Where its result lies. */
        int y() {
            return s.y().of(line(), s.sizes()) + number() * s.y().row();
        }

        /** Where key j of its head lies. */
        int k(int j) {
            return s.k().of(line(), s.sizes()) + j * s.k().row();
        }

        /** Where value j of its head lies. */
        int v(int j) {
            return s.v().of(line(), s.sizes()) + j * s.v().row();
        }

        private double mask(@Nullable Buffer mask, int j) {
            AttentionSpec.Places m = s.mask();
            if (mask == null || m == null) {
                return 0;
            }
            int at = m.of(line(), s.sizes()) + number() * m.row() + j * m.column();
            return host(mask).get(at);
        }

        /** The scores of the keys that it may see. */
        double[] scores(Qkv x, @Nullable Buffer mask) {
            double[] scores = new double[s.seen(number())];
            for (int j = 0; j < scores.length; j++) {
                double product = dot(x.q(), q(), x.k(), k(j), s.sizes().width());
                scores[j] = s.scale() * product + mask(mask, j);
            }
            return scores;
        }

        /** Whether a mask hides all keys. */
        boolean isBlind(@Nullable Buffer mask) {
            for (int j = 0; j < s.seen(number()); j++) {
                if (mask(mask, j) != Double.NEGATIVE_INFINITY) {
                    return false;
                }
            }
            return true;
        }
    }
}
