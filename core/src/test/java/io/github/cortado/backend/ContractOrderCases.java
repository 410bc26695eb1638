package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.backend.formula.Comparisons;
import io.github.cortado.backend.formula.Composition;
import io.github.cortado.backend.formula.Composition.Part;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Rows of what goes along an axis element by element: by number, by size, so far; and by order. */
final class ContractOrderCases {
    private static final Axis[] AXES = {
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
        new Axis(1, 2_000, 3),
        new Axis(1, 5_001, 1),
        new Axis(3, 1_024, 1),
        new Axis(2, 3, 700),
        new Axis(9_000, 2, 2),
        new Axis(3_000, 3, 1),
    };

    private static final float[] SPECIAL = {
        3,
        Float.NaN,
        -0f,
        0f,
        -1,
        Float.POSITIVE_INFINITY,
        0f,
        1e-40f,
        Float.NaN,
        -0f,
        -1e-40f,
        3,
        Float.NEGATIVE_INFINITY,
        1e30f,
        -1e30f,
        0f
    };

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractOrderCases() {}

    static List<ContractCase> all() {
        ContractOrderCases table = new ContractOrderCases();
        table.truths();
        table.selectedSums();
        table.sumsOfFormulas();
        for (Axis a : AXES) {
            table.along(a);
            for (int picks : new int[] {0, 1, 7, 65}) {
                table.taking(a, picks);
            }
        }
        table.special();
        table.largeAndSmall();
        table.comparisons();
        table.products();
        return table.cases;
    }

    private void along(Axis a) {
        int n = a.outer() * a.n() * a.inner();
        int lines = a.outer() * a.inner();
        if (a.n() > 0) {
            row("prod", "" + a, a.n(), (b, r) -> b.prod(r.random(n, 0.9, 1.1), r.out(lines), a));
            row("prod", "exact " + a, 0, (b, r) -> b.prod(r.tiesAndNan(n), r.out(lines), a));
        }
        for (boolean end : new boolean[] {false, true}) {
            row(
                    "cumulativeSum",
                    a + (end ? " from the end" : ""),
                    a.n(),
                    (b, r) -> b.cumulativeSum(r.random(n), r.out(n), a, end));
            row(
                    "cumulativeSum",
                    "exact " + a + (end ? " from the end" : ""),
                    0,
                    (b, r) -> b.cumulativeSum(r.ties(n), r.out(n), a, end));
            String title = a + (end ? " descending" : "");
            for (int k : new int[] {1, 2, 5, 100}) {
                if (k < a.n()) {
                    int kept = a.outer() * k * a.inner();
                    row(
                            "sort",
                            k + " of " + title,
                            0,
                            (b, r) ->
                                    b.sort(
                                            r.tiesAndNan(n),
                                            r.out(kept),
                                            r.outIndices(kept),
                                            a,
                                            end));
                }
            }
            row("sort", title, 0, (b, r) -> b.sort(r.random(n), r.out(n), r.outIndices(n), a, end));
            row(
                    "sort",
                    "ties " + title,
                    0,
                    (b, r) -> b.sort(r.tiesAndNan(n), r.out(n), r.outIndices(n), a, end));
        }
    }

    private void taking(Axis a, int picks) {
        int x = a.outer() * a.n() * a.inner();
        int y = a.outer() * picks * a.inner();
        String title = a + " by " + picks;
        double[] v = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144};
        for (DType dtype : List.of(DType.UINT8, DType.FLOAT32, DType.INT64)) {
            row(
                    "take",
                    dtype + " " + title,
                    0,
                    (b, r) -> b.take(r.in(dtype, v, x), r.indices(y, a.n()), r.out(dtype, y), a));
            row(
                    "put",
                    dtype + " " + title,
                    0,
                    (b, r) -> {
                        Buffer target = r.out(dtype, x);
                        b.fill(target, 7);
                        b.put(r.in(dtype, v, y), r.indices(y, a.n()), target, a);
                    });
        }
        row(
                "takeGrad",
                title,
                picks,
                (b, r) -> b.takeGrad(r.random(y), r.indices(y, a.n()), r.out(x), a));
        row(
                "takeGrad",
                "exact " + title,
                0,
                (b, r) -> b.takeGrad(r.ties(y), r.indices(y, a.n()), r.out(x), a));
    }

    /** Of a large number and many ones, which float32 would lose. */
    private void largeAndSmall() {
        for (Axis a : new Axis[] {new Axis(2, 97, 1), new Axis(1, 97, 3)}) {
            float[] x = new float[a.outer() * a.n() * a.inner()];
            Arrays.fill(x, 1);
            for (int i = 0; i < a.outer() * a.inner(); i++) {
                x[a.inner() == 1 ? i * a.n() : i] = 1 << 24;
            }
            row(
                    "cumulativeSum",
                    "large and small " + a,
                    0,
                    (b, r) -> b.cumulativeSum(r.in(x), r.out(x.length), a, false));
        }
    }

    /** Where zeros of both signs are equal, and stay in their order. */
    private void special() {
        Axis line = new Axis(1, SPECIAL.length, 1);
        for (boolean descending : new boolean[] {false, true}) {
            row(
                    "sort",
                    "special numbers" + (descending ? " descending" : ""),
                    0,
                    (b, r) ->
                            b.sort(
                                    r.in(SPECIAL),
                                    r.out(SPECIAL.length),
                                    r.outIndices(SPECIAL.length),
                                    line,
                                    descending));
        }
        Axis none = new Axis(2, 0, 3);
        row("take", "of none", 0, (b, r) -> b.take(r.random(0), r.in(), r.out(0), none));
        row("put", "of none", 0, (b, r) -> b.put(r.random(0), r.in(), r.out(0), none));
        row("takeGrad", "of none", 0, (b, r) -> b.takeGrad(r.random(0), r.in(), r.out(0), none));
    }

    /** Of quarters of lines, of neighbours, and of factors that lie apart in different ways. */
    private void products() {
        for (int[] size :
                new int[][] {{1, 1}, {128, 256}, {1, 20_001}, {7, 33}, {900, 3}, {9_001, 1}}) {
            int n = size[0] * size[1];
            for (boolean together : new boolean[] {true, false}) {
                int[][] strides = new int[4][];
                Arrays.setAll(strides, k -> new int[] {4 * size[1], 1});
                if (!together) {
                    strides[2] = new int[] {size[1], 1};
                }
                Broadcast walk = Broadcast.of(size, strides);
                row(
                        "pointwise",
                        "products of four, " + size[0] + " x " + size[1] + " " + together,
                        0,
                        (b, r) -> {
                            List<Buffer> x = new ArrayList<>();
                            for (int k = 0; k < 4; k++) {
                                Buffer all = r.ties(4 * n);
                                int from = k == 2 && !together ? 0 : k * size[1];
                                x.add(all.slice(from, 4 * n - from));
                            }
                            List<Buffer> y = List.of(r.out(n));
                            Operands o = new Operands(x, y, List.of(), List.of(), walk);
                            b.pointwise(Functions.PRODUCT_OF_FOUR, o);
                        });
            }
        }
    }

    private void comparisons() {
        long[] u = {0, 1, -1, 1L << 40, (1L << 40) + 1, Long.MIN_VALUE, Long.MAX_VALUE, 5, -7};
        long[] v = {0, 2, -1, (1L << 40) + 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, 5, -8};
        double[] truths = {0, 1, 1, 0, 1};
        double[] others = {0, 1, 0, 1, 1, 0};
        int[] sizes = {0, 1, 33, 20_001};
        for (Relation how : Relation.values()) {
            for (int n : sizes) {
                comparison(
                        how + " truths",
                        how,
                        n,
                        r -> r.in(DType.BOOL, truths, n),
                        r -> r.in(DType.BOOL, others, n));
            }
            for (double one : new double[] {0, 1}) {
                comparison(
                        how + " truths with " + one,
                        how,
                        20_001,
                        r -> r.in(DType.BOOL, truths, 20_001),
                        r -> r.in(DType.BOOL, new double[] {one}, 1));
            }
            if (how == Relation.AND || how == Relation.OR) {
                continue;
            }
            comparison(how + " large", how, u.length, r -> r.in(u), r -> r.in(v));
            for (int n : sizes) {
                comparison(how + "", how, n, r -> r.indices(n, 5), r -> r.indices(n, 5));
            }
            comparison(how + " one", how, 20_001, r -> r.indices(20_001, 5), r -> r.in(3L));
        }
    }

    private void truths() {
        double[] v = {1, Double.NaN, 0, Double.NEGATIVE_INFINITY, -2, 3, 0.5};
        double[] w = {1, 2, 0.5, 0, Double.NaN};
        for (int n : new int[] {1, 7, 20_003}) {
            Broadcast one = Broadcast.elementwise(1, n);
            row(
                    "truths",
                    "isNan " + n,
                    0,
                    (b, r) ->
                            b.truths(
                                    Comparisons.IS_NAN,
                                    List.of(r.in(DType.FLOAT32, v, n)),
                                    one,
                                    r.out(DType.BOOL, n)));
            less(Shape.of(n), Shape.of(n), v, w);
            less(Shape.of(n), Shape.of(), v, w);
            less(Shape.of(3, n), Shape.of(n), v, w);
            less(Shape.of(3, n), Shape.of(3, 1), v, w);
        }
    }

    private void less(Shape x, Shape y, double[] v, double[] w) {
        row(
                "truths",
                "less " + x + " " + y,
                0,
                (b, r) ->
                        b.truths(
                                Comparisons.LESS,
                                List.of(
                                        r.in(DType.FLOAT32, v, x.size()),
                                        r.in(DType.FLOAT32, w, y.size())),
                                Broadcast.of(x, List.of(x, y)),
                                r.out(DType.BOOL, x.size())));
    }

    /** As many lines of y as half of x's, of numbers in any order, and of runs of them. */
    private void selectedSums() {
        for (Axis a : new Axis[] {new Axis(1, 40, 33), new Axis(3, 70, 1), new Axis(2, 19, 16)}) {
            int lines = a.outer() * a.inner();
            int sums = a.n() / 2;
            for (int picks : new int[] {0, 1, 90}) {
                row(
                        "indexSum",
                        a + " of " + picks,
                        picks,
                        (b, r) ->
                                b.indexSum(
                                        r.random(lines * a.n()),
                                        r.indices(picks, a.n()),
                                        r.out(lines * sums),
                                        r.indices(picks, sums),
                                        a));
            }
            long[] sorted = LongStream.range(0, 90).map(i -> i * sums / 90).toArray();
            row(
                    "indexSum",
                    a + " exact, in order",
                    0,
                    (b, r) ->
                            b.indexSum(
                                    r.ties(lines * a.n()),
                                    r.indices(90, a.n()),
                                    r.out(lines * sums),
                                    r.in(sorted),
                                    a));
        }
    }

    /** Of lines that neighbours make, long and short ones, and of others; by whole numbers. */
    private void sumsOfFormulas() {
        Formula difference =
                Composition.of(
                        2,
                        List.of(
                                new Part(Formulas.SUB.value(), new int[] {0, 1}, true),
                                new Part(Formulas.SQUARE.value(), new int[] {2}, true)));
        for (Axis a :
                new Axis[] {
                    new Axis(0, 3, 1),
                    new Axis(3, 0, 1),
                    new Axis(1, 1, 1),
                    new Axis(700, 10, 1),
                    new Axis(3, 4_097, 1),
                    new Axis(2, 12_301, 1),
                    new Axis(1, 150_007, 1),
                    new Axis(2, 31, 5)
                }) {
            int lines = a.outer() * a.inner();
            Shape all = Shape.of(a.outer(), a.n(), a.inner());
            row(
                    "sumOf",
                    "squares " + a,
                    a.n(),
                    (b, r) -> {
                        List<Buffer> x = List.of(r.random(a.size()));
                        Broadcast walk = Broadcast.elementwise(1, a.size());
                        Operands read = new Operands(x, List.of(), List.of(), List.of(), walk);
                        b.sumOf(Formulas.SQUARE.value(), read, r.out(lines), a);
                    });
            row(
                    "sumOf",
                    "differences that are stored " + a,
                    0,
                    (b, r) -> {
                        Shape one = Shape.of(a.outer(), 1, a.inner());
                        List<Buffer> x = List.of(r.ties(a.size()), r.ties(lines));
                        Broadcast walk = Broadcast.of(all, List.of(all, one));
                        List<Buffer> stored = List.of(r.out(a.size()));
                        Operands read = new Operands(x, stored, List.of(), List.of(), walk);
                        b.sumOf(difference, read, r.out(lines), a);
                    });
        }
    }

    private void comparison(
            String title,
            Relation how,
            int n,
            Function<ContractRun, Buffer> a,
            Function<ContractRun, Buffer> b) {
        row(
                "compare",
                title + " " + n,
                0,
                (backend, r) -> backend.compare(how, a.apply(r), b.apply(r), r.out(DType.BOOL, n)));
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
