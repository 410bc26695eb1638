package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Rows of {@link BackendContract} for pooling, resampling, recurrent cells and losses. */
final class ContractLayerCases {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractLayerCases() {}

    static List<ContractCase> all() {
        ContractLayerCases table = new ContractLayerCases();
        table.pooling();
        table.resampling();
        table.recurrence();
        table.losses();
        return table.cases;
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
                    {50, 17, 8, 8, 2, 2, 2, 2, 0, 0},
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
            largest("", s, r -> r.random(x, -2, -1));
            largest("ties ", s, r -> r.ties(x));
            largest("with ReLU ", s.withRelu(), r -> r.random(x));
            largest("with ReLU, ties ", s.withRelu(), r -> r.ties(x));
            largestGrad("", s, r -> r.random(x));
            largestGrad("ties ", s, r -> r.ties(x));
            largestGrad("with ReLU ", s.withRelu(), r -> r.random(x));
        }
    }

    /** With an index, which all write the same way only behind a ReLU, and without. */
    private void largest(String title, Pool2dSpec s, Function<ContractRun, Buffer> input) {
        int y = s.n() * s.channels() * s.outH() * s.outW();
        row("maxPool2d", title + s, 0, (b, r) -> b.maxPool2d(input.apply(r), r.out(y), null, s));
        if (s.relu()) {
            row(
                    "maxPool2d",
                    title + "and index " + s,
                    0,
                    (b, r) -> b.maxPool2d(input.apply(r), r.out(y), r.outBytes(y), s));
        }
    }

    /** By x, and by the index where there is one, which is judged by where it sends a gradient. */
    private void largestGrad(String title, Pool2dSpec s, Function<ContractRun, Buffer> input) {
        int x = s.n() * s.channels() * s.h() * s.w();
        int y = s.n() * s.channels() * s.outH() * s.outW();
        int window = s.kernelH() * s.kernelW();
        if (!s.relu()) {
            row(
                    "maxPool2dGrad",
                    title + s,
                    window,
                    (b, r) -> b.maxPool2dGrad(input.apply(r), null, r.random(y), r.out(x), s));
        }
        row(
                "maxPool2dGrad",
                title + "with index " + s,
                window,
                (b, r) -> {
                    Buffer from = input.apply(r);
                    Buffer index = s.placesFitAByte() ? b.allocate(DType.UINT8, y) : null;
                    b.maxPool2d(from, b.allocate(DType.FLOAT32, y), index, s);
                    b.maxPool2dGrad(s.relu() ? null : from, index, r.random(y), r.out(x), s);
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
            largest(title, s, r -> r.in(x));
            largest(title + "with ReLU ", s.withRelu(), r -> r.in(x));
            largestGrad(title, s, r -> r.in(x));
        }
    }

    private void resampling() {
        for (int[] s :
                new int[][] {
                    {1, 1, 1, 1, 1},
                    {0, 3, 3, 2, 2},
                    {3, 5, 7, 10, 14},
                    {2, 8, 37, 16, 74},
                    {3, 1, 1, 3, 5},
                    {2, 7, 1, 1, 9},
                    {2, 9, 5, 1, 1},
                    {5, 6, 4, 6, 11},
                    {4, 6, 19, 17, 19},
                    {2, 13, 40, 5, 7},
                    {2, 11, 3, 7, 19},
                    {1, 200, 3, 110, 2},
                    {1, 3, 130, 50, 700},
                    {70, 4, 5, 9, 8},
                    {1, 130, 131, 71, 64},
                }) {
            for (Resample2dSpec.Mode mode : Resample2dSpec.Mode.values()) {
                resampling(new Resample2dSpec(s[0], s[1], s[2], s[3], s[4], mode));
            }
        }
        // A zero that is not there would make NaN of it.
        float[] infinite = new float[12];
        for (int i = 0; i < infinite.length; i++) {
            infinite[i] = i % 5 == 0 ? INF : i % 7 == 3 ? NAN : i - 5;
        }
        for (Resample2dSpec.Mode mode : Resample2dSpec.Mode.values()) {
            Resample2dSpec s = new Resample2dSpec(1, 4, 3, 4, 5, mode);
            row(
                    "resample2d",
                    "special " + s,
                    4,
                    (b, r) -> b.resample2d(r.in(infinite), r.out(20), s));
            Resample2dSpec t = new Resample2dSpec(1, 5, 4, 4, 3, mode);
            row(
                    "resample2dGrad",
                    "special " + t,
                    4,
                    (b, r) -> b.resample2dGrad(r.in(infinite), r.out(20), t));
        }
    }

    private void resampling(Resample2dSpec s) {
        int x = s.planes() * s.h() * s.w();
        int y = s.planes() * s.outH() * s.outW();
        int beside = 4 * (s.outH() / s.h() + 2) * (s.outW() / s.w() + 2);
        row("resample2d", s, 8, (b, r) -> b.resample2d(r.random(x), r.out(y), s));
        row("resample2dGrad", s, beside, (b, r) -> b.resample2dGrad(r.random(y), r.out(x), s));
    }

    private void recurrence() {
        for (int[] size :
                new int[][] {
                    {1, 1}, {0, 3}, {1, 7}, {5, 1}, {3, 17}, {33, 64}, {2, 1500}, {40, 33},
                    {70, 200}
                }) {
            CellSpec s = new CellSpec(size[0], size[1]);
            recurrence("", s, 3);
            recurrence("saturated ", s, 200);
        }
    }

    private void recurrence(String title, CellSpec s, double range) {
        int n = s.n() * s.hidden();
        row(
                "lstmCell",
                title + s,
                16,
                (b, r) ->
                        b.lstmCell(
                                r.random(4 * n, -range, range),
                                r.inOut(4 * n, -range, range),
                                r.random(n, -3, 3),
                                r.out(n),
                                r.out(n),
                                s));
        row(
                "lstmCellGrad",
                title + s,
                16,
                (b, r) ->
                        b.lstmCellGrad(
                                r.random(4 * n),
                                r.random(n, -3, 3),
                                r.random(n, -range, range),
                                r.random(n, -3, 3),
                                r.random(n, -3, 3),
                                r.inOut(n, -3, 3),
                                r.out(4 * n),
                                s));
    }

    private void losses() {
        for (int[] s :
                new int[][] {
                    {1, 1, 1},
                    {3, 7, 1},
                    {100, 10, 1},
                    {17, 33, 1},
                    {2, 16, 31},
                    {1000, 10, 1},
                    {2, 21, 150}
                }) {
            for (Reduction reduction : Reduction.values()) {
                for (double smoothing : new double[] {0, 0.1}) {
                    loss(new CrossEntropySpec(s[0], s[1], s[2], reduction, -100, smoothing), 9);
                    loss(new CrossEntropySpec(s[0], s[1], s[2], reduction, 0, smoothing), 9);
                }
            }
            loss(new CrossEntropySpec(s[0], s[1], s[2], Reduction.NONE, -100, 0), 500);
        }
        fewTargets(600);
        fewTargets(9000);
        float[] strange = {NAN, 1, NAN, 2, INF, INF, -INF, -INF, -INF, 0, -0f, 0};
        CrossEntropySpec four = new CrossEntropySpec(4, 3, 1, Reduction.SUM, -100, 0);
        row(
                "crossEntropy",
                "special",
                0,
                (b, r) ->
                        b.crossEntropy(
                                r.in(strange),
                                r.in(0L, 1L, 0L, 0L),
                                r.out(1),
                                null,
                                r.inOutDoubles(3),
                                four));
    }

    /** Of many lines three have targets, whose number every element of the gradient shows. */
    private void fewTargets(int lines) {
        long[] targets = new long[lines];
        Arrays.fill(targets, -100);
        targets[20] = 1;
        targets[256] = 0;
        targets[lines - 1] = 2;
        CrossEntropySpec s = new CrossEntropySpec(1, 3, lines, Reduction.MEAN, -100, 0);
        row(
                "crossEntropy",
                "of few targets " + s,
                8,
                (b, r) ->
                        b.crossEntropy(
                                r.random(3 * lines, -9, 9),
                                r.in(targets),
                                r.out(1),
                                r.out(3 * lines),
                                r.inOutDoubles(3),
                                s));
    }

    private void loss(CrossEntropySpec s, double range) {
        int size = s.n() * s.classes() * s.inner();
        loss("", s, r -> r.random(size, -range, range), false, false);
        loss("with totals ", s, r -> r.random(size, -range, range), false, true);
        loss("with dx ", s, r -> r.random(size, -range, range), true, false);
        loss("with dx and totals ", s, r -> r.random(size, -range, range), true, true);
        if (s.reduction() == Reduction.SUM) {
            loss("ties ", s, r -> r.ties(size), true, true);
        }
    }

    private void loss(
            String title,
            CrossEntropySpec s,
            Function<ContractRun, Buffer> logits,
            boolean withDx,
            boolean withTotals) {
        int size = s.n() * s.classes() * s.inner();
        int lines = s.n() * s.inner();
        boolean isEach = s.reduction() == Reduction.NONE;
        row(
                "crossEntropy",
                title + s,
                8 + (isEach && !withTotals ? s.classes() : lines),
                (b, r) ->
                        b.crossEntropy(
                                logits.apply(r),
                                r.indices(lines, s.classes()),
                                r.out(isEach ? lines : 1),
                                withDx ? r.out(size) : null,
                                withTotals ? r.inOutDoubles(3) : null,
                                s));
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
