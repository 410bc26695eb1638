package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** Rows of {@link BackendContract} for norms. */
final class ContractNormCases {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractNormCases() {}

    static List<ContractCase> all() {
        ContractNormCases table = new ContractNormCases();
        table.normalisation();
        return table.cases;
    }

    private void normalisation() {
        for (int[] n :
                new int[][] {
                    {2, 1, 1},
                    {3, 7, 1},
                    {17, 3, 1},
                    {2, 16, 31},
                    {1, 5, 207},
                    {33, 3, 64},
                    {16, 8, 400},
                    {130, 40, 1},
                    {70, 37, 9},
                    {3, 2, 5000}
                }) {
            NormSpec s = new NormSpec(n[0], n[1], n[2], 1e-5, 0.3);
            int size = n[0] * n[1] * n[2];
            int c = n[1];
            int count = n[0] * n[2];
            row(
                    "batchNormStatistics",
                    s,
                    count,
                    (b, r) ->
                            b.batchNormStatistics(
                                    r.random(size),
                                    new Moments(r.out(c), r.out(c), true),
                                    r.inOut(c, -1, 1),
                                    r.inOut(c, 0.5, 1),
                                    s));
            row(
                    "batchNormStatistics",
                    "alone " + s,
                    count,
                    (b, r) ->
                            b.batchNormStatistics(
                                    r.random(size),
                                    new Moments(r.out(c), r.out(c), true),
                                    null,
                                    null,
                                    s));
            for (boolean affine : new boolean[] {true, false}) {
                IntFunction<String> title = i -> (affine ? "" : "bare ") + i + " " + s;
                row(
                        "batchNorm",
                        title.apply(0),
                        4,
                        (b, r) ->
                                b.batchNorm(
                                        r.random(size),
                                        new Moments(r.random(c), r.random(c, 0.5, 2), false),
                                        affine(r, c, affine),
                                        r.out(size),
                                        s));
                for (boolean batch : new boolean[] {true, false}) {
                    row(
                            "batchNormGrad",
                            title.apply(batch ? 1 : 0),
                            2 * count,
                            (b, r) ->
                                    b.batchNormGrad(
                                            r.random(size),
                                            new Moments(r.random(c), r.random(c, 0.5, 2), batch),
                                            affine(r, c, affine),
                                            r.random(size),
                                            r.out(size),
                                            r.out(c),
                                            r.out(c),
                                            s));
                }
                rectified(s.rectified(Double.POSITIVE_INFINITY), affine, affine);
                rectified(s.rectified(0.5), affine, !affine);
            }
        }
        rectifiedSpecialValues();
        for (int[] n :
                new int[][] {
                    {0, 3},
                    {1, 1},
                    {1, 7},
                    {3, 16},
                    {7, 17},
                    {31, 33},
                    {5, 207},
                    {300, 64},
                    {130, 300},
                    {2, 5000}
                }) {
            for (boolean affine : new boolean[] {true, false}) {
                LayerNormSpec s = new LayerNormSpec(n[0], n[1], 0.1);
                layerNorm(s, affine);
                // Of one number, its root alone.
                layerNorm(new LayerNormSpec(n[0], n[1], 1, 1, false, 0.1), affine);
            }
        }
        // Rows, channels of a row, elements of a channel, rows that have weights of their own.
        for (int[] n :
                new int[][] {
                    {0, 2, 3, 2},
                    {1, 1, 2, 1},
                    {6, 1, 7, 3},
                    {4, 3, 1, 2},
                    {12, 2, 5, 4},
                    {9, 4, 15, 1},
                    {6, 3, 64, 2},
                    {10, 2, 67, 5},
                    {128, 1, 130, 64},
                    {300, 5, 9, 3},
                    {2, 3, 5000, 2}
                }) {
            for (boolean affine : new boolean[] {true, false}) {
                layerNorm(new LayerNormSpec(n[0], n[1] * n[2], n[2], n[3], affine, 0.1), affine);
                layerNorm(new LayerNormSpec(n[0], n[1] * n[2], n[2], n[3], true, 0.1), !affine);
            }
        }
        farFromTheMean();
    }

    private static Affine affine(ContractRun r, int channels, boolean present) {
        return new Affine(present ? r.random(channels) : null, present ? r.random(channels) : null);
    }

    /** Of halves, so that all backends find what lies at a limit there. */
    private void rectified(NormSpec s, boolean affine, boolean batch) {
        int c = s.channels();
        int size = s.n() * c * s.inner();
        String title = (affine ? "" : "bare ") + (batch ? 1 : 0) + " " + s;
        float[] invStd = new float[c];
        for (int i = 0; i < c; i++) {
            invStd[i] = i % 3 == 0 ? 1 : i % 3 == 1 ? 0.5f : 2;
        }
        row(
                "batchNorm",
                title,
                4,
                (b, r) ->
                        b.batchNorm(
                                r.ties(size),
                                new Moments(r.ties(c), r.in(invStd), batch),
                                tiedAffine(r, c, affine),
                                r.out(size),
                                s));
        row(
                "batchNormGrad",
                title,
                2 * s.n() * s.inner(),
                (b, r) ->
                        b.batchNormGrad(
                                r.ties(size),
                                new Moments(r.ties(c), r.in(invStd), batch),
                                tiedAffine(r, c, affine),
                                r.random(size),
                                r.out(size),
                                r.out(c),
                                r.out(c),
                                s));
    }

    private static Affine tiedAffine(ContractRun r, int channels, boolean present) {
        return new Affine(present ? r.ties(channels) : null, present ? r.ties(channels) : null);
    }

    /** Both zeros, the infinities and NaN, in every lane of long channels and of short ones. */
    private void rectifiedSpecialValues() {
        float[] values = {NAN, INF, -INF, 0f, -0f, 1f, -1f, 6f, 5.9999995f, 6.0000005f, 1e-40f};
        for (int[] n : new int[][] {{1, 2, 11 * 33}, {33, 11, 1}}) {
            for (double limit : new double[] {6, Double.POSITIVE_INFINITY}) {
                NormSpec s = new NormSpec(n[0], n[1], n[2], 1e-5, 0.3).rectified(limit);
                int size = n[0] * n[1] * n[2];
                float[] x = new float[size];
                for (int i = 0; i < size; i++) {
                    x[i] = values[(i + i / 11) % 11];
                }
                float[] zeros = new float[n[1]];
                float[] ones = new float[n[1]];
                Arrays.fill(ones, 1);
                row(
                        "batchNorm",
                        "special " + s,
                        0,
                        (b, r) ->
                                b.batchNorm(
                                        r.in(x),
                                        new Moments(r.in(zeros), r.in(ones), false),
                                        new Affine(null, null),
                                        r.out(size),
                                        s));
                // With what is not finite, no sum would be left to compare.
                float[] finite = new float[size];
                for (int i = 0; i < size; i++) {
                    finite[i] = Float.isFinite(x[i]) ? x[i] : 7;
                }
                row(
                        "batchNormGrad",
                        "special " + s,
                        size,
                        (b, r) ->
                                b.batchNormGrad(
                                        r.in(finite),
                                        new Moments(r.in(zeros), r.in(ones), false),
                                        new Affine(null, null),
                                        r.random(size),
                                        r.out(size),
                                        r.out(n[1]),
                                        r.out(n[1]),
                                        s));
            }
        }
    }

    /** Squares of distances beyond 1e19 overflow float32; what is normalised does not. */
    private void farFromTheMean() {
        row(
                "layerNormGrad",
                "far from the mean",
                4 * 33,
                (b, r) ->
                        b.layerNormGrad(
                                r.random(3 * 33, -1e30, 1e30),
                                r.random(33),
                                new Moments(r.random(3), r.random(3, 1e-31, 1e-30), true),
                                r.random(3 * 33, -1e12, 1e12),
                                r.out(3 * 33),
                                r.out(33),
                                r.out(33),
                                new LayerNormSpec(3, 33, 0.1)));
        for (boolean centred : new boolean[] {true, false}) {
            farFromTheMean(new LayerNormSpec(4, 3 * 70, 70, 2, centred, 0.1));
            farFromTheMean(new LayerNormSpec(4, 3 * 5, 5, 2, centred, 0.1));
        }
        row(
                "layerNorm",
                "far from the mean",
                4 * 33,
                (b, r) ->
                        b.layerNorm(
                                r.random(3 * 33, -1e30, 1e30),
                                null,
                                null,
                                r.out(3 * 33),
                                new Moments(r.out(3), r.out(3), true),
                                new LayerNormSpec(3, 33, 0.1)));
    }

    private void farFromTheMean(LayerNormSpec s) {
        row(
                "layerNorm",
                "far from the mean " + s,
                4 * s.n(),
                (b, r) ->
                        b.layerNorm(
                                r.random(s.rows() * s.n(), -1e30, 1e30),
                                r.random(s.weights()),
                                r.random(s.weights()),
                                r.out(s.rows() * s.n()),
                                new Moments(r.out(s.rows()), r.out(s.rows()), true),
                                s));
    }

    private void layerNorm(LayerNormSpec s, boolean affine) {
        String title = s + (affine ? "" : " bare");
        int rows = s.rows();
        int n = s.n();
        int weights = s.weights();
        // 1 / sqrt(eps) magnifies the error of a row that is almost constant: eps is large here.
        row(
                "layerNorm",
                title,
                4 * n,
                (b, r) ->
                        b.layerNorm(
                                r.random(rows * n),
                                affine ? r.random(weights) : null,
                                affine ? r.random(weights) : null,
                                r.out(rows * n),
                                new Moments(r.out(rows), r.out(rows), true),
                                s));
        row(
                "layerNormGrad",
                title,
                4 * Math.max(rows * s.inner(), n),
                (b, r) ->
                        b.layerNormGrad(
                                r.random(rows * n),
                                affine ? r.random(weights) : null,
                                new Moments(r.random(rows), r.random(rows, 0.5, 2), true),
                                r.random(rows * n),
                                r.out(rows * n),
                                r.out(weights),
                                r.out(weights),
                                s));
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
