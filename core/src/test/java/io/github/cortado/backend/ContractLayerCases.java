package io.github.cortado.backend;

import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Rows of {@link BackendContract} for products, convolution, pooling, norms, losses, updates. */
final class ContractLayerCases {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractLayerCases() {}

    static List<ContractCase> all() {
        ContractLayerCases table = new ContractLayerCases();
        table.products();
        table.convolutions();
        table.pooledConvolutions();
        table.pooling();
        table.normalisation();
        table.losses();
        table.updates();
        return table.cases;
    }

    private void products() {
        List<int[]> sizes = new ArrayList<>();
        int[] some = {1, 7, 17, 64};
        for (int m : some) {
            for (int n : some) {
                for (int k : some) {
                    sizes.add(new int[] {m, n, k});
                }
            }
        }
        for (int[] s :
                new int[][] {
                    {0, 3, 5},
                    {3, 0, 5},
                    {3, 5, 0},
                    {3, 16, 31},
                    {33, 31, 16},
                    {16, 207, 33},
                    {207, 33, 31},
                    {33, 17, 207},
                    {1, 207, 207},
                    {207, 1, 64},
                    {100, 500, 33},
                    {300, 257, 270}
                }) {
            sizes.add(s);
        }
        for (int[] s : sizes) {
            for (int t = 0; t < 4; t++) {
                product(s[0], s[1], s[2], (t & 1) != 0, (t & 2) != 0);
            }
            linear(s[0], s[1], s[2]);
        }
        MatmulSpec batch =
                new MatmulSpec(
                        7, 17, 3, false, true, new int[] {0, 21, 0, 42}, new int[] {51, 0, 51, 0});
        row(
                "matmul",
                "of a batch that repeats",
                3,
                (b, r) -> b.matmul(r.random(63), r.random(102), r.out(4 * 119), batch));
        MatmulSpec none = new MatmulSpec(2, 2, 2, false, false, new int[0], new int[0]);
        row(
                "matmul",
                "of no batch",
                0,
                (b, r) -> b.matmul(r.random(4), r.random(4), r.out(0), none));
    }

    private void product(int m, int n, int k, boolean transA, boolean transB) {
        MatmulSpec s = MatmulSpec.single(m, n, k, transA, transB);
        String title = m + " " + n + " " + k + (transA ? " a^T" : "") + (transB ? " b^T" : "");
        row(
                "matmul",
                title,
                k,
                (b, r) -> b.matmul(r.random(m * k), r.random(k * n), r.out(m * n), s));
    }

    private void linear(int m, int n, int k) {
        String title = m + " " + n + " " + k;
        row(
                "linear",
                title,
                k,
                (b, r) ->
                        b.linear(
                                r.random(m * k),
                                r.random(n * k),
                                r.random(n),
                                r.out(m * n),
                                m,
                                n,
                                k));
        row(
                "linear",
                title + " without bias",
                k,
                (b, r) -> b.linear(r.random(m * k), r.random(n * k), null, r.out(m * n), m, n, k));
        row(
                "linearGradWeight",
                title,
                m,
                (b, r) ->
                        b.linearGradWeight(
                                r.random(m * n), r.random(m * k), r.out(n * k), r.out(n), m, n, k));
        row(
                "linearRelu",
                title,
                k,
                (b, r) ->
                        b.linearRelu(
                                r.random(m * k),
                                r.random(n * k),
                                m % 2 == 0 ? null : r.random(n),
                                r.out(m * n),
                                m,
                                n,
                                k));
    }

    private void convolutions() {
        Conv2dSpec[] specs = {
            conv(1, 1, 1, 1, 1, 1, 0),
            conv(0, 3, 5, 4, 3, 1, 1),
            conv(2, 3, 8, 5, 3, 1, 1),
            conv(3, 16, 16, 32, 3, 1, 1),
            conv(17, 3, 7, 16, 3, 1, 1),
            conv(2, 33, 7, 17, 1, 1, 0),
            conv(2, 4, 9, 31, 5, 1, 2),
            conv(1, 3, 33, 7, 7, 2, 3),
            conv(2, 7, 4, 64, 2, 1, 0),
            conv(2, 3, 5, 4, 3, 2, 5),
            conv(1, 207, 3, 3, 3, 1, 1),
            new Conv2dSpec(2, 3, 11, 7, 6, 3, 5, 1, 1, 1, 2, 1, 1, 1),
            new Conv2dSpec(2, 3, 13, 19, 6, 3, 2, 1, 3, 2, 1, 1, 1, 1),
            new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 2, 3, 2, 4, 3, 2, 1),
            new Conv2dSpec(2, 6, 9, 9, 10, 3, 3, 1, 1, 1, 1, 1, 1, 2),
            new Conv2dSpec(2, 12, 9, 9, 12, 3, 3, 2, 2, 1, 1, 1, 1, 12),
            new Conv2dSpec(1, 6, 7, 5, 12, 3, 3, 1, 1, 1, 1, 1, 1, 6),
        };
        for (Conv2dSpec s : specs) {
            int x = s.n() * s.inChannels() * s.h() * s.w();
            int perOutput = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
            int w = s.outChannels() * perOutput;
            int pixels = s.n() * s.outH() * s.outW();
            int y = pixels * s.outChannels();
            int o = s.outChannels();
            row(
                    "conv2d",
                    s,
                    perOutput,
                    (b, r) -> b.conv2d(r.random(x), r.random(w), r.random(o), r.out(y), s));
            row(
                    "conv2d",
                    "without bias " + s,
                    perOutput,
                    (b, r) -> b.conv2d(r.random(x), r.random(w), null, r.out(y), s));
            row(
                    "conv2dRelu",
                    s,
                    perOutput,
                    (b, r) -> b.conv2dRelu(r.random(x), r.random(w), r.random(o), r.out(y), s));
            row(
                    "conv2dRelu",
                    "without bias " + s,
                    perOutput,
                    (b, r) -> b.conv2dRelu(r.random(x), r.random(w), null, r.out(y), s));
            row(
                    "conv2dGradInput",
                    s,
                    s.outChannels() * s.kernelH() * s.kernelW(),
                    (b, r) -> b.conv2dGradInput(r.random(y), r.random(w), r.out(x), s));
            row(
                    "conv2dGradWeight",
                    s,
                    pixels,
                    (b, r) -> b.conv2dGradWeight(r.random(x), r.random(y), r.out(w), r.out(o), s));
            row(
                    "conv2dGradWeight",
                    "without bias " + s,
                    pixels,
                    (b, r) -> b.conv2dGradWeight(r.random(x), r.random(y), r.out(w), null, s));
        }
    }

    private static Conv2dSpec conv(
            int n, int in, int size, int out, int kernel, int stride, int padding) {
        return new Conv2dSpec(
                n, in, size, size, out, kernel, kernel, stride, stride, padding, padding, 1, 1, 1);
    }

    /** Convolution, ReLU and pooling in one, with windows of two and others. */
    private void pooledConvolutions() {
        int[][] specs = {
            {1, 1, 4, 4, 1, 3, 1, 1, 2, 2, 0},
            {0, 3, 8, 8, 4, 3, 1, 1, 2, 2, 0},
            {3, 3, 32, 32, 16, 3, 1, 1, 2, 2, 0},
            {2, 16, 16, 16, 32, 3, 1, 1, 2, 2, 0},
            {18, 32, 8, 8, 64, 3, 1, 1, 2, 2, 0},
            {2, 5, 9, 7, 7, 3, 1, 1, 2, 2, 0},
            {1, 16, 11, 13, 6, 5, 1, 2, 2, 2, 0},
            {2, 4, 10, 12, 9, 2, 2, 0, 2, 2, 0},
            {2, 64, 6, 6, 5, 3, 1, 0, 2, 2, 0},
            {2, 3, 9, 9, 4, 3, 1, 1, 3, 2, 1},
        };
        for (int[] v : specs) {
            Conv2dSpec conv =
                    new Conv2dSpec(
                            v[0], v[1], v[2], v[3], v[4], v[5], v[5], v[6], v[6], v[7], v[7], 1, 1,
                            1);
            Pool2dSpec pool =
                    new Pool2dSpec(
                            v[0],
                            v[4],
                            conv.outH(),
                            conv.outW(),
                            v[8],
                            v[8],
                            v[9],
                            v[9],
                            v[10],
                            v[10],
                            true);
            int x = v[0] * v[1] * v[2] * v[3];
            int w = v[4] * v[1] * v[5] * v[5];
            int y = v[0] * v[4] * pool.outH() * pool.outW();
            int terms = v[1] * v[5] * v[5];
            row(
                    "conv2dReluMaxPool2d",
                    conv,
                    terms,
                    (b, r) ->
                            b.conv2dReluMaxPool2d(
                                    r.random(x),
                                    r.random(w),
                                    v[0] % 2 == 0 ? null : r.random(v[4]),
                                    r.out(y),
                                    r.outBytes(y),
                                    conv,
                                    pool));
            for (int asked = 0; asked < 4; asked++) {
                boolean toInput = asked < 3;
                boolean toWeight = asked > 0;
                boolean toBias = asked > 1;
                row(
                        "conv2dReluMaxPool2dGrad",
                        asked + " " + conv,
                        v[0] * conv.outH() * conv.outW() + v[4] * v[5] * v[5],
                        (b, r) -> {
                            Buffer in = r.random(x);
                            Buffer weight = r.random(w);
                            Buffer index = r.outBytes(y);
                            b.conv2dReluMaxPool2d(in, weight, null, r.out(y), index, conv, pool);
                            b.conv2dReluMaxPool2dGrad(
                                    in,
                                    weight,
                                    r.random(y),
                                    index,
                                    toInput ? r.out(x) : null,
                                    toWeight ? r.out(w) : null,
                                    toBias ? r.out(v[4]) : null,
                                    conv,
                                    pool);
                        });
            }
        }
    }

    private void pooling() {
        for (int[] s :
                new int[][] {
                    {1, 1, 2, 2, 2, 2, 2, 2, 0, 0},
                    {0, 1, 2, 2, 2, 2, 2, 2, 0, 0},
                    {2, 3, 6, 16, 2, 2, 2, 2, 0, 0},
                    {1, 2, 7, 33, 2, 2, 2, 2, 0, 0},
                    {3, 1, 3, 31, 2, 2, 2, 2, 0, 0},
                    {1, 5, 16, 64, 2, 2, 2, 2, 0, 0},
                    {40, 17, 8, 8, 2, 2, 2, 2, 0, 0},
                    {2, 3, 7, 8, 2, 2, 1, 1, 1, 1},
                    {2, 3, 7, 8, 2, 2, 2, 2, 1, 1},
                    {2, 3, 7, 8, 3, 3, 2, 2, 1, 1},
                    {2, 3, 7, 17, 3, 2, 1, 3, 1, 0},
                    {1, 2, 5, 5, 5, 5, 5, 5, 2, 2},
                    {1, 2, 6, 6, 1, 1, 1, 1, 0, 0},
                    {1, 1, 5, 5, 2, 2, 3, 3, 0, 0},
                }) {
            for (boolean count : new boolean[] {true, false}) {
                pool(
                        new Pool2dSpec(
                                s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], count));
            }
        }
        specialPooling();
    }

    private void pool(Pool2dSpec s) {
        int x = s.n() * s.channels() * s.h() * s.w();
        int y = s.n() * s.channels() * s.outH() * s.outW();
        int window = s.kernelH() * s.kernelW();
        row("avgPool2d", s, window, (b, r) -> b.avgPool2d(r.random(x), r.out(y), s));
        row("avgPool2dGrad", s, window, (b, r) -> b.avgPool2dGrad(r.random(y), r.out(x), s));
        if (s.countIncludePad()) {
            row(
                    "reluMaxPool2d",
                    s,
                    0,
                    (b, r) -> b.reluMaxPool2d(r.random(x), r.out(y), r.outBytes(y), s));
            row(
                    "reluMaxPool2d",
                    "ties " + s,
                    0,
                    (b, r) -> b.reluMaxPool2d(r.ties(x), r.out(y), r.outBytes(y), s));
            reluPoolGrad(s);
            row("maxPool2d", s, 0, (b, r) -> b.maxPool2d(r.random(x, -2, -1), r.out(y), s));
            row("maxPool2d", "ties " + s, 0, (b, r) -> b.maxPool2d(r.ties(x), r.out(y), s));
            row(
                    "maxPool2dGrad",
                    s,
                    window,
                    (b, r) -> b.maxPool2dGrad(r.random(x), r.random(y), r.out(x), s));
            row(
                    "maxPool2dGrad",
                    "ties " + s,
                    window,
                    (b, r) -> b.maxPool2dGrad(r.ties(x), r.random(y), r.out(x), s));
        }
    }

    /** With the indices that the reference finds, since others do not lie in the picture. */
    private void reluPoolGrad(Pool2dSpec s) {
        int x = s.n() * s.channels() * s.h() * s.w();
        int y = s.n() * s.channels() * s.outH() * s.outW();
        row(
                "reluMaxPool2dGrad",
                s,
                s.kernelH() * s.kernelW(),
                (b, r) -> {
                    Buffer index = r.outBytes(y);
                    b.reluMaxPool2d(r.random(x), r.out(y), index, s);
                    b.reluMaxPool2dGrad(r.random(y), index, r.out(x), s);
                });
    }

    private void specialPooling() {
        float negativeNaN = Float.intBitsToFloat(0xffc00000);
        specialPooling("special ", NAN, INF, -INF, 0f, -0f, 1f, -1f);
        specialPooling("negative NaN ", negativeNaN, 0f, -0f, 1f, -1f, 2f, -2f);
        specialPooling("finite ", 0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, 1f, -1f, 1e30f);
    }

    /** Seven values, such as the infinities, at every place of a window, in every lane. */
    private void specialPooling(String title, float... values) {
        int width = 2 * 7 * 7;
        float[] x = new float[4 * width];
        for (int i = 0; i < x.length; i++) {
            int column = i % width / 2;
            int row = i / width;
            boolean left = i % 2 == 0;
            // Two windows above each other, which have their first value at different places.
            x[i] =
                    (row % 2 == 0) == left
                            ? values[(column + row / 2) % 7]
                            : values[(column / 7 + row) % 7];
        }
        Pool2dSpec two = new Pool2dSpec(1, 1, 4, width, 2, 2, 2, 2, 0, 0, true);
        Pool2dSpec three = new Pool2dSpec(1, 1, 4, width, 3, 3, 2, 2, 1, 1, true);
        for (Pool2dSpec s : new Pool2dSpec[] {two, three}) {
            int y = s.outH() * s.outW();
            row("maxPool2d", title + s, 0, (b, r) -> b.maxPool2d(r.in(x), r.out(y), s));
            row(
                    "reluMaxPool2d",
                    title + s,
                    0,
                    (b, r) -> b.reluMaxPool2d(r.in(x), r.out(y), r.outBytes(y), s));
            row(
                    "maxPool2dGrad",
                    title + s,
                    9,
                    (b, r) -> b.maxPool2dGrad(r.in(x), r.random(y), r.out(x.length), s));
        }
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
                    {16, 8, 400}
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
                                    r.out(c),
                                    r.out(c),
                                    r.inOut(c, -1, 1),
                                    r.inOut(c, 0.5, 1),
                                    s));
            row(
                    "batchNormStatistics",
                    "alone " + s,
                    count,
                    (b, r) ->
                            b.batchNormStatistics(
                                    r.random(size), r.out(c), r.out(c), null, null, s));
            for (boolean affine : new boolean[] {true, false}) {
                IntFunction<String> title = i -> (affine ? "" : "bare ") + i + " " + s;
                row(
                        "batchNorm",
                        title.apply(0),
                        4,
                        (b, r) ->
                                b.batchNorm(
                                        r.random(size),
                                        r.random(c),
                                        r.random(c, 0.5, 2),
                                        affine ? r.random(c) : null,
                                        affine ? r.random(c) : null,
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
                                            r.random(c),
                                            r.random(c, 0.5, 2),
                                            affine ? r.random(c) : null,
                                            r.random(size),
                                            r.out(size),
                                            r.out(c),
                                            r.out(c),
                                            batch,
                                            s));
                }
            }
        }
        for (int[] n :
                new int[][] {
                    {0, 3}, {1, 1}, {1, 7}, {3, 16}, {7, 17}, {31, 33}, {5, 207}, {300, 64}
                }) {
            for (boolean affine : new boolean[] {true, false}) {
                layerNorm(n[0], n[1], affine);
            }
        }
    }

    private void layerNorm(int rows, int n, boolean affine) {
        String title = rows + " " + n + (affine ? "" : " bare");
        // 1 / sqrt(eps) magnifies the error of a row that is almost constant: eps is large here.
        row(
                "layerNorm",
                title,
                4 * n,
                (b, r) ->
                        b.layerNorm(
                                r.random(rows * n),
                                affine ? r.random(n) : null,
                                affine ? r.random(n) : null,
                                r.out(rows * n),
                                r.out(rows),
                                r.out(rows),
                                rows,
                                n,
                                0.1));
        row(
                "layerNormGrad",
                title,
                4 * Math.max(rows, n),
                (b, r) ->
                        b.layerNormGrad(
                                r.random(rows * n),
                                affine ? r.random(n) : null,
                                r.random(rows),
                                r.random(rows, 0.5, 2),
                                r.random(rows * n),
                                r.out(rows * n),
                                r.out(n),
                                r.out(n),
                                rows,
                                n));
    }

    private void losses() {
        for (int[] s :
                new int[][] {
                    {1, 1, 1}, {3, 7, 1}, {100, 10, 1}, {17, 33, 1}, {2, 16, 31}, {1000, 10, 1}
                }) {
            for (Reduction reduction : Reduction.values()) {
                for (double smoothing : new double[] {0, 0.1}) {
                    loss(new CrossEntropySpec(s[0], s[1], s[2], reduction, -100, smoothing), 9);
                    loss(new CrossEntropySpec(s[0], s[1], s[2], reduction, 0, smoothing), 9);
                }
            }
            loss(new CrossEntropySpec(s[0], s[1], s[2], Reduction.NONE, -100, 0), 500);
        }
        for (int n : new int[] {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 40_001}) {
            for (double p : new double[] {0, 0.1, 0.5, 0.999}) {
                DropoutSpec s = new DropoutSpec(p, 0x123456789abcdefL, 3, 5_000_000_000L);
                row("dropout", n + " " + p, 1, (b, r) -> b.dropout(r.random(n, 1, 2), r.out(n), s));
            }
        }
        float[] strange = {NAN, 1, NAN, 2, INF, INF, -INF, -INF, -INF, 0, -0f, 0};
        CrossEntropySpec four = new CrossEntropySpec(4, 3, 1, Reduction.SUM, -100, 0);
        row(
                "tally",
                "special",
                0,
                (b, r) ->
                        b.tally(
                                r.in(0.5f),
                                r.in(strange),
                                r.in(0L, 1L, 0L, 0L),
                                r.inOutDoubles(3),
                                four));
        float[] odd = {NAN, INF, -INF, NAN, INF, 1, 2, 3, 4};
        DropoutSpec half = new DropoutSpec(0.5, 1, 0, 0);
        row("dropout", "special", 1, (b, r) -> b.dropout(r.in(odd), r.out(odd.length), half));
        for (int n : new int[] {0, 1, 33, 70_000}) {
            row(
                    "dropoutOfReluGrad",
                    n + " of " + 0.3,
                    1,
                    (b, r) -> b.dropoutOfReluGrad(r.ties(n), r.random(n), r.out(n), 0.3));
        }
    }

    private void loss(CrossEntropySpec s, double range) {
        int size = s.n() * s.classes() * s.inner();
        int lines = s.n() * s.inner();
        int y = s.reduction() == Reduction.NONE ? lines : 1;
        row(
                "crossEntropy",
                s,
                8 + (s.reduction() == Reduction.NONE ? s.classes() : lines),
                (b, r) ->
                        b.crossEntropy(
                                r.random(size, -range, range),
                                r.indices(lines, s.classes()),
                                r.out(size),
                                r.out(y),
                                s));
        if (s.reduction() != Reduction.NONE) {
            for (boolean tally : new boolean[] {true, false}) {
                row(
                        "crossEntropyWithGrad",
                        tally + " " + s,
                        8 + lines,
                        (b, r) ->
                                b.crossEntropyWithGrad(
                                        r.random(size, -range, range),
                                        r.indices(lines, s.classes()),
                                        r.out(1),
                                        r.out(size),
                                        tally ? r.inOutDoubles(3) : null,
                                        s));
            }
        }
        row(
                "tally",
                s,
                lines,
                (b, r) ->
                        b.tally(
                                r.random(y),
                                r.ties(size),
                                r.indices(lines, s.classes()),
                                r.inOutDoubles(3),
                                s));
        row(
                "crossEntropyGrad",
                s,
                4,
                (b, r) ->
                        b.crossEntropyGrad(
                                r.random(size, 0, 1),
                                r.indices(lines, s.classes()),
                                r.random(y),
                                r.out(size),
                                s));
    }

    private void updates() {
        for (int n : new int[] {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 40_001}) {
            for (boolean first : new boolean[] {true, false}) {
                for (boolean nesterov : new boolean[] {true, false}) {
                    SgdSpec s = new SgdSpec(0.1, 0.9, nesterov ? 0 : 0.3, 0.01, nesterov, first);
                    row(
                            "sgd",
                            n + " " + s,
                            4,
                            (b, r) -> b.sgd(r.inOut(n, -1, 1), r.random(n), r.inOut(n, -1, 1), s));
                }
            }
            SgdSpec plain = new SgdSpec(0.1, 0, 0, 0.01, false, true);
            row(
                    "sgd",
                    n + " plain",
                    4,
                    (b, r) -> b.sgd(r.inOut(n, -1, 1), r.random(n), null, plain));
            for (boolean decoupled : new boolean[] {true, false}) {
                AdamSpec s = new AdamSpec(0.1, 0.9, 0.999, 1e-8, 0.05, decoupled, 0.271, 2.997e-3);
                row(
                        "adam",
                        n + " " + s,
                        16,
                        (b, r) ->
                                b.adam(
                                        r.inOut(n, -1, 1),
                                        r.random(n),
                                        r.inOut(n, -1, 1),
                                        r.inOut(n, 0.1, 1),
                                        s));
            }
            RmsPropSpec s = new RmsPropSpec(0.1, 0.9, 1e-8, 0.05, 0.5);
            row(
                    "rmsProp",
                    n + " with momentum",
                    16,
                    (b, r) ->
                            b.rmsProp(
                                    r.inOut(n, -1, 1),
                                    r.random(n),
                                    r.inOut(n, 0.1, 1),
                                    r.inOut(n, -1, 1),
                                    s));
            row(
                    "rmsProp",
                    n + " plain",
                    16,
                    (b, r) ->
                            b.rmsProp(r.inOut(n, -1, 1), r.random(n), r.inOut(n, 0.1, 1), null, s));
        }
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
