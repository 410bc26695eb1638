package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** The rows of {@link BackendContract}: every method of the seam at awkward sizes. */
public final class ContractCases {
    private static final int[] SIZES = {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 60_001};
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractCases() {}

    /** All of them, in the order of the seam. */
    public static List<ContractCase> all() {
        ContractCases table = new ContractCases();
        table.memory();
        table.casts();
        table.selection();
        table.cases.addAll(ContractOrderCases.all());
        table.cases.addAll(ContractFormulaCases.all());
        table.reductions();
        table.cases.addAll(ContractProductCases.all());
        table.cases.addAll(ContractAttentionCases.all());
        table.cases.addAll(ContractLayerCases.all());
        table.cases.addAll(ContractNormCases.all());
        return table.cases;
    }

    private void memory() {
        for (int n : SIZES) {
            row("copy", n, 0, (b, r) -> b.copy(r.random(n), r.out(n)));
            row("fill", n, 0, (b, r) -> b.fill(r.out(n), -2.5));
            row("fill", "int64 " + n, 0, (b, r) -> b.fill(r.outIndices(n), 3));
            row("increment", n, 0, (b, r) -> b.increment(r.inOutLongs(n), 3L << 31));
        }
        Strided[] regions = {
            new Strided(new int[] {}, new int[] {}, 4),
            new Strided(new int[] {0, 3}, new int[] {3, 1}, 0),
            new Strided(new int[] {17, 3, 7}, new int[] {1, 119, 17}, 0),
            new Strided(new int[] {7, 17, 3}, new int[] {17, 1, 119}, 0),
            new Strided(new int[] {3, 2, 17}, new int[] {119, 17, 1}, 34),
            new Strided(new int[] {3, 7, 5}, new int[] {119, 17, 1}, 9),
            new Strided(new int[] {31, 11}, new int[] {11, 1}, 16),
            new Strided(new int[] {2, 2, 2, 3}, new int[] {59, 29, 13, 4}, 1),
            new Strided(new int[] {3, 2, 5, 4, 2}, new int[] {2, 180, 36, 9, 1}, 0),
            new Strided(new int[] {9, 19, 2}, new int[] {1, 9, 171}, 3),
        };
        for (Strided s : regions) {
            String title = Shape.of(s.shape()) + " at " + s.offset();
            row("gather", title, 0, (b, r) -> b.gather(r.random(357), r.out(s.size()), s));
            row(
                    "scatter",
                    title,
                    0,
                    (b, r) -> b.scatter(r.random(s.size()), r.inOut(357, -1, 1), s));
            row(
                    "gather",
                    "int64 " + title,
                    0,
                    (b, r) -> b.gather(r.indices(357, 1 << 20), r.outIndices(s.size()), s));
            row(
                    "scatter",
                    "int64 " + title,
                    0,
                    (b, r) -> b.scatter(r.indices(s.size(), 99), r.outIndices(357), s));
        }
        // Regions with many elements, and a piece of a picture.
        Strided columns = new Strided(new int[] {110, 120}, new int[] {1, 110}, 0);
        Strided everyThird = new Strided(new int[] {13_001}, new int[] {3}, 2);
        Strided cut = new Strided(new int[] {2, 5, 7}, new int[] {119, 17, 1}, 9);
        for (DType dtype : DType.values()) {
            double[] v = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144};
            for (Strided s : new Strided[] {columns, everyThird, cut}) {
                String title = dtype + " " + Shape.of(s.shape()) + " at " + s.offset();
                row(
                        "gather",
                        title,
                        0,
                        (b, r) -> b.gather(r.in(dtype, v, 39_003), r.out(dtype, s.size()), s));
                row(
                        "scatter",
                        title,
                        0,
                        (b, r) -> b.scatter(r.in(dtype, v, s.size()), r.out(dtype, 39_003), s));
            }
        }
        Strided repeated = new Strided(new int[] {5, 17, 3}, new int[] {0, 1, 0}, 2);
        row("gather", "repeating", 0, (b, r) -> b.gather(r.random(19), r.out(255), repeated));
    }

    /** From every type to every other one. */
    private void casts() {
        double[] values = {
            0,
            1,
            -1,
            1.9,
            -1.9,
            0.4,
            -0.4,
            7.5,
            127,
            128,
            200.5,
            255,
            256,
            -129,
            300,
            16_777_217,
            3e9,
            -3e9,
            0x1p31,
            -0x1p31,
            0x1p40,
            -0x1p40,
            1e19,
            -1e19,
            1e30,
            -1e30,
            NAN,
            INF,
            -INF
        };
        for (DType from : DType.values()) {
            for (DType to : DType.values()) {
                for (int n : new int[] {0, 1, 27, 33, 20_001}) {
                    row(
                            "cast",
                            from + " to " + to + " " + n,
                            0,
                            (b, r) -> b.cast(r.in(from, values, n), r.out(to, n)));
                }
            }
        }
        double[] small = {0, -0.0, 0.9, -0.9, 1, -1, 7.5, -7.5, 8_388_607, -8_388_607, 1e-40};
        for (DType to : List.of(DType.INT32, DType.INT64, DType.UINT8, DType.BOOL)) {
            row(
                    "cast",
                    "small numbers to " + to,
                    0,
                    (b, r) -> b.cast(r.in(DType.FLOAT32, small, 5_003), r.out(to, 5_003)));
        }
        for (DType dtype : DType.values()) {
            for (int n : new int[] {1, 7, 33}) {
                row("fill", dtype + " " + n, 0, (b, r) -> b.fill(r.out(dtype, n), 3));
                row(
                        "copy",
                        dtype + " " + n,
                        0,
                        (b, r) -> b.copy(r.in(dtype, values, n), r.out(dtype, n)));
            }
        }
    }

    /** Lines by number: many of few, few of many, one number for all, none. */
    private void selection() {
        Axis[] axes = {
            new Axis(1, 1, 1),
            new Axis(1, 5, 0),
            new Axis(0, 5, 3),
            new Axis(1, 40, 33),
            new Axis(3, 7, 1),
            new Axis(2, 19, 16),
            new Axis(1, 1_003, 5),
            new Axis(1, 3, 300),
            new Axis(5, 2, 1),
        };
        for (Axis a : axes) {
            int x = a.outer() * a.n() * a.inner();
            for (int picks : new int[] {0, 1, 7, 300}) {
                int y = a.outer() * picks * a.inner();
                String title = a + " by " + picks;
                for (DType dtype : DType.values()) {
                    double[] v = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144};
                    row(
                            "indexSelect",
                            dtype + " " + title,
                            0,
                            (b, r) ->
                                    b.indexSelect(
                                            r.in(dtype, v, x),
                                            r.indices(picks, a.n()),
                                            r.out(dtype, y),
                                            a));
                }
                for (int padding : new int[] {-1, 0}) {
                    row(
                            "indexSelectGrad",
                            title + " without " + padding,
                            picks,
                            (b, r) ->
                                    b.indexSelectGrad(
                                            r.random(y),
                                            r.indices(picks, a.n()),
                                            r.out(x),
                                            a,
                                            padding));
                }
            }
        }
        runs();
        long[] same = new long[65];
        Axis wide = new Axis(1, 2, 70);
        row(
                "indexSelectGrad",
                "one line, exact",
                0,
                (b, r) -> b.indexSelectGrad(r.ties(65 * 70), r.in(same), r.out(140), wide, 1));
        Axis none = new Axis(2, 0, 3);
        row(
                "indexSelect",
                "of none",
                0,
                (b, r) -> b.indexSelect(r.random(0), r.in(), r.out(0), none));
        row(
                "indexSelectGrad",
                "of none",
                0,
                (b, r) -> b.indexSelectGrad(r.random(0), r.in(), r.out(0), none, -1));
    }

    /** Lines that follow one another, up or down: what flips, rolls and pads pick. */
    private void runs() {
        Axis[] axes = {
            new Axis(1, 40, 33),
            new Axis(3, 70, 1),
            new Axis(2, 19, 16),
            new Axis(300, 36, 1),
            new Axis(1, 700, 1),
            new Axis(1, 20_003, 1),
            new Axis(1, 40, 1_000),
        };
        for (Axis a : axes) {
            int n = a.n();
            int last = n - 1;
            run(a, "flipped", n, i -> last - i);
            run(a, "rolled", n, i -> (i + 5) % n);
            run(a, "reflected", n + 6, i -> last - Math.abs(last - Math.abs(i - 3)));
            run(a, "in parts", n + n / 5 - 1, i -> i - i / 6);
            run(a, "one long, then short ones", 2 * n, i -> i < n ? i : 7 * i % n);
        }
    }

    private void run(Axis a, String how, int picks, IntUnaryOperator number) {
        int x = a.outer() * a.n() * a.inner();
        int y = a.outer() * picks * a.inner();
        long[] index = IntStream.range(0, picks).map(number).asLongStream().toArray();
        String title = a + " " + how;
        double[] v = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144};
        for (DType dtype : List.of(DType.UINT8, DType.FLOAT32, DType.INT64)) {
            row(
                    "indexSelect",
                    dtype + " " + title,
                    0,
                    (b, r) -> b.indexSelect(r.in(dtype, v, x), r.in(index), r.out(dtype, y), a));
        }
        if (a.outer() * picks > 2_000) {
            // A GPU looks at all numbers for each of them.
            return;
        }
        row(
                "indexSelectGrad",
                title,
                picks / a.n() + 2,
                (b, r) -> b.indexSelectGrad(r.random(y), r.in(index), r.out(x), a, -1));
        row(
                "indexSelectGrad",
                "exact " + title,
                0,
                (b, r) -> b.indexSelectGrad(r.ties(y), r.in(index), r.out(x), a, -1));
    }

    private void reductions() {
        Axis[] axes = {
            new Axis(1, 1, 1),
            new Axis(0, 3, 1),
            new Axis(3, 5, 0),
            new Axis(1, 207, 1),
            new Axis(17, 31, 1),
            new Axis(1, 33, 17),
            new Axis(3, 7, 16),
            new Axis(2, 64, 33),
            new Axis(31, 1, 7),
            new Axis(100, 10, 1),
            new Axis(1, 5_000, 65),
            new Axis(1, 70_001, 1),
            new Axis(500, 64, 3),
            new Axis(600, 5, 1),
            new Axis(6_200, 2, 2),
            new Axis(100, 300, 1),
            new Axis(2, 37, 339),
            new Axis(900, 7, 1),
            new Axis(40, 19, 5),
            new Axis(1, 4_700, 3),
            new Axis(2, 5_000, 2),
            new Axis(1, 3, 7_001),
        };
        for (Axis a : axes) {
            int x = a.outer() * a.n() * a.inner();
            int y = a.outer() * a.inner();
            row("sum", a, a.n(), (b, r) -> b.sum(r.random(x), r.out(y), a));
            row("max", a, 0, (b, r) -> b.max(r.random(x), r.out(y), r.outIndices(y), a));
            row("max", "ties " + a, 0, (b, r) -> b.max(r.ties(x), r.out(y), r.outIndices(y), a));
            row(
                    "maxGrad",
                    a,
                    0,
                    (b, r) -> b.maxGrad(r.random(y), r.indices(y, a.n()), r.out(x), a));
            row("softmax", a, 8, (b, r) -> b.softmax(r.random(x, -9, 9), r.out(x), a, false));
            row(
                    "softmax",
                    "steep " + a,
                    8,
                    (b, r) -> b.softmax(r.random(x, -999, 999), r.out(x), a, false));
            row(
                    "softmax",
                    "logarithm " + a,
                    8,
                    (b, r) -> b.softmax(r.random(x, -9, 9), r.out(x), a, true));
            row(
                    "softmaxGrad",
                    a,
                    a.n(),
                    (b, r) -> b.softmaxGrad(r.random(x, 0, 1), r.random(x), r.out(x), a, false));
            row(
                    "softmaxGrad",
                    "logarithm " + a,
                    a.n(),
                    (b, r) -> b.softmaxGrad(r.random(x, -3, 0), r.random(x), r.out(x), a, true));
        }
        // Whose sums are exact, so that an element more or less shows in a long one too.
        for (Axis a :
                new Axis[] {
                    new Axis(1, 70_001, 1),
                    new Axis(3, 5_001, 1),
                    new Axis(1, 5_003, 65),
                    new Axis(2, 301, 5)
                }) {
            int x = a.outer() * a.n() * a.inner();
            int y = a.outer() * a.inner();
            row("sum", "exact " + a, 0, (b, r) -> b.sum(r.ties(x), r.out(y), a));
        }
        for (Axis a :
                new Axis[] {
                    new Axis(40, 70, 1),
                    new Axis(2, 40, 5),
                    new Axis(3, 9_001, 1),
                    new Axis(2, 41, 83),
                    new Axis(1, 4_500, 3)
                }) {
            int x = a.outer() * a.n() * a.inner();
            int y = a.outer() * a.inner();
            float[] v = new float[x];
            for (int i = 0; i < x; i++) {
                v[i] = i * 7_919L % 23 == 0 ? NAN : i * 31 % 17;
            }
            row("max", "many NaN " + a, 0, (b, r) -> b.max(r.in(v), r.out(y), r.outIndices(y), a));
        }
        Axis none = new Axis(2, 0, 3);
        row("sum", "of nothing", 0, (b, r) -> b.sum(r.random(0), r.out(6), none));
        row("softmax", "of nothing", 0, (b, r) -> b.softmax(r.random(0), r.out(0), none, false));
        row(
                "softmax",
                "logarithm of nothing",
                0,
                (b, r) -> b.softmax(r.random(0), r.out(0), none, true));
        float[] odd = {1, NAN, 3, INF, INF, 2, -INF, -INF, -INF, NAN, NAN, 0};
        row(
                "max",
                "NaN",
                0,
                (b, r) -> b.max(r.in(odd), r.out(4), r.outIndices(4), new Axis(4, 3, 1)));
        row(
                "max",
                "NaN down",
                0,
                (b, r) -> b.max(r.in(odd), r.out(3), r.outIndices(3), new Axis(1, 4, 3)));
        row("sum", "NaN", 0, (b, r) -> b.sum(r.in(odd), r.out(3), new Axis(1, 4, 3)));
        float[] far = {100, 101, 102, -200, -201, -202, 0, -INF, 1};
        row(
                "softmax",
                "far",
                8,
                (b, r) -> b.softmax(r.in(far), r.out(9), new Axis(3, 3, 1), false));
        row(
                "softmax",
                "logarithm far",
                8,
                (b, r) -> b.softmax(r.in(far), r.out(9), new Axis(3, 3, 1), true));
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
