package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import java.util.ArrayList;
import java.util.List;

/** The rows of {@link BackendContract}: every method of the seam at awkward sizes. */
public final class ContractCases {
    private static final int[] SIZES = {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 60_001};
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    /** Values that functions of one element must know how to treat. */
    private static final float[] SPECIAL = {
        0f, -0f, NAN, INF, -INF, 1e-30f, -1e-30f, 88f, -88f, 30f, -30f, 20f, 21f, 1f, -1f, 1e30f,
        -1e30f
    };

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractCases() {}

    /** All of them, in the order of the seam. */
    public static List<ContractCase> all() {
        ContractCases table = new ContractCases();
        table.memory();
        table.casts();
        table.arithmetic();
        table.functions();
        table.reductions();
        table.cases.addAll(ContractProductCases.all());
        table.cases.addAll(ContractLayerCases.all());
        table.cases.addAll(ContractUpdateCases.all());
        return table.cases;
    }

    /** A method from x to y. */
    @FunctionalInterface
    private interface Map {
        void run(Backend b, Buffer x, Buffer y);
    }

    /** A method from two buffers to a third of the same length. */
    @FunctionalInterface
    private interface Zip {
        void run(Backend b, Buffer x, Buffer dy, Buffer dx);
    }

    private void memory() {
        for (int n : SIZES) {
            row("copy", n, 0, (b, r) -> b.copy(r.random(n), r.out(n)));
            row("fill", n, 0, (b, r) -> b.fill(r.out(n), -2.5));
            row("fill", "int64 " + n, 0, (b, r) -> b.fill(r.outIndices(n), 3));
            row("increment", n, 0, (b, r) -> b.increment(r.inOutLongs(n), 3L << 31));
            row("accumulate", n, 0, (b, r) -> b.accumulate(r.random(n), r.inOut(n, -1, 1)));
            row("affine", n, 1, (b, r) -> b.affine(r.random(n), r.out(n), -0.7, 0.3));
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

    private void arithmetic() {
        int[][][] pairs = {
            {{}, {}},
            {{0}, {0}},
            {{0, 3}, {3}},
            {{7}, {1}},
            {{1}, {17}},
            {{17, 1}, {1, 33}},
            {{31, 17}, {17}},
            {{17}, {31, 17}},
            {{31, 17}, {31, 1}},
            {{31, 1}, {31, 17}},
            {{2, 3, 1, 17}, {3, 7, 1}},
            {{4, 1, 6, 1}, {1, 5, 1, 33}},
            {{64, 1}, {64, 207}},
            {{3, 16, 5, 7}, {16, 1, 1}},
            {{300, 207}, {207}},
        };
        for (int[][] p : pairs) {
            broadcast(Shape.of(p[0]), Shape.of(p[1]));
        }
        for (int n : SIZES) {
            broadcast(Shape.of(n), Shape.of(n));
        }
    }

    private void broadcast(Shape a, Shape b) {
        Shape y = Shape.broadcast("test", a, b);
        Broadcast walk = Broadcast.of(a, b, y);
        broadcast("add", a, b, y, (k, p, q, to) -> k.add(p, q, to, walk));
        broadcast("sub", a, b, y, (k, p, q, to) -> k.sub(p, q, to, walk));
        broadcast("mul", a, b, y, (k, p, q, to) -> k.mul(p, q, to, walk));
        broadcast("div", a, b, y, (k, p, q, to) -> k.div(p, q, to, walk));
    }

    private void broadcast(String method, Shape a, Shape b, Shape y, Zip f) {
        row(
                method,
                a + " and " + b,
                0,
                (k, r) ->
                        f.run(k, r.random(a.size()), r.random(b.size(), 0.5, 2), r.out(y.size())));
    }

    private void functions() {
        function("exp", -5, 5, Backend::exp);
        function("log", 0.01, 20, Backend::log);
        function("sqrt", 0, 20, Backend::sqrt);
        function("rsqrt", 0.01, 20, Backend::rsqrt);
        function("relu", -1, 1, Backend::relu);
        function("leakyRelu", -1, 1, (b, x, y) -> b.leakyRelu(x, y, 0.2));
        function("elu", -5, 5, (b, x, y) -> b.elu(x, y, 1.5));
        function("sigmoid", -9, 9, Backend::sigmoid);
        function("tanh", -5, 5, Backend::tanh);
        function("gelu", -6, 6, Backend::gelu);
        function("silu", -9, 9, Backend::silu);
        function("softplus", -25, 25, Backend::softplus);
        gradient("expGrad", 0, 5, Backend::expGrad);
        gradient("logGrad", 0.1, 5, Backend::logGrad);
        gradient("sqrtGrad", 0.1, 5, Backend::sqrtGrad);
        gradient("rsqrtGrad", 0, 2, Backend::rsqrtGrad);
        gradient("reluGrad", -1, 1, Backend::reluGrad);
        gradient("leakyReluGrad", -1, 1, (b, x, dy, dx) -> b.leakyReluGrad(x, dy, dx, 0.2));
        gradient("eluGrad", -5, 5, (b, x, dy, dx) -> b.eluGrad(x, dy, dx, 1.5));
        gradient("sigmoidGrad", 0, 1, Backend::sigmoidGrad);
        gradient("tanhGrad", -1, 1, Backend::tanhGrad);
        gradient("geluGrad", -6, 6, Backend::geluGrad);
        gradient("siluGrad", -9, 9, Backend::siluGrad);
        gradient("softplusGrad", -25, 25, Backend::softplusGrad);
        // A gradient of 0 or -0 at 0 and no gradient through NaN, in every lane.
        float[] edge = {
            0f, -0f, NAN, INF, -INF, 1e-30f, -1e-30f, 2f, -2f, 0f, NAN, 1f, 0f, 5f, NAN, 1f, 0f
        };
        for (int shift = 0; shift < edge.length; shift++) {
            float[] y = rotated(edge, shift);
            row(
                    "reluGrad",
                    "special " + shift,
                    0,
                    (b, r) -> b.reluGrad(r.in(y), r.random(y.length), r.out(y.length)));
        }
    }

    /** So that every value comes to every lane, and to the rest after the last whole vector. */
    private static float[] rotated(float[] values, int shift) {
        float[] v = new float[values.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = values[(i + shift) % v.length];
        }
        return v;
    }

    private void function(String method, double low, double high, Map f) {
        for (int n : SIZES) {
            row(method, n, 4, (b, r) -> f.run(b, r.random(n, low, high), r.out(n)));
        }
        for (int shift = 0; shift < SPECIAL.length; shift++) {
            float[] x = rotated(SPECIAL, shift);
            row(method, "special " + shift, 4, (b, r) -> f.run(b, r.in(x), r.out(x.length)));
        }
    }

    private void gradient(String method, double low, double high, Zip f) {
        for (int n : SIZES) {
            row(method, n, 8, (b, r) -> f.run(b, r.random(n, low, high), r.random(n), r.out(n)));
        }
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
            row("softmax", a, 8, (b, r) -> b.softmax(r.random(x, -9, 9), r.out(x), a));
            row(
                    "softmax",
                    "steep " + a,
                    8,
                    (b, r) -> b.softmax(r.random(x, -999, 999), r.out(x), a));
            row("logSoftmax", a, 8, (b, r) -> b.logSoftmax(r.random(x, -9, 9), r.out(x), a));
            row(
                    "softmaxGrad",
                    a,
                    a.n(),
                    (b, r) -> b.softmaxGrad(r.random(x, 0, 1), r.random(x), r.out(x), a));
            row(
                    "logSoftmaxGrad",
                    a,
                    a.n(),
                    (b, r) -> b.logSoftmaxGrad(r.random(x, -3, 0), r.random(x), r.out(x), a));
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
        row("softmax", "of nothing", 0, (b, r) -> b.softmax(r.random(0), r.out(0), none));
        row("logSoftmax", "of nothing", 0, (b, r) -> b.logSoftmax(r.random(0), r.out(0), none));
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
        row("softmax", "far", 8, (b, r) -> b.softmax(r.in(far), r.out(9), new Axis(3, 3, 1)));
        row("logSoftmax", "far", 8, (b, r) -> b.logSoftmax(r.in(far), r.out(9), new Axis(3, 3, 1)));
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
