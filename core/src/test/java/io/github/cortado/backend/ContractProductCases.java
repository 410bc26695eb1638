package io.github.cortado.backend;

import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.List;

/** Rows of {@link BackendContract} for matrix products and convolutions. */
final class ContractProductCases {
    private final List<ContractCase> cases = new ArrayList<>();

    private ContractProductCases() {}

    static List<ContractCase> all() {
        ContractProductCases table = new ContractProductCases();
        table.products();
        table.convolutions();
        table.pooledConvolutions();
        table.followed();
        table.softmax();
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
                    {0, 3, 64},
                    {2, 100, 520},
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
                    {300, 257, 270},
                    {33, 17, 600},
                    {300, 20, 270}
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
        for (int k : new int[] {3, 290}) {
            regularBatch(7, 17, k, new int[] {0, 7 * k, 14 * k}, new int[] {34 * k, 17 * k, 0});
            regularBatch(7, 17, k, new int[] {7 * k, 14 * k}, new int[] {17 * k, 17 * k});
            regularBatch(130, 140, k, new int[] {130 * k, 130 * k}, new int[] {0, 140 * k});
        }
        MatmulSpec none = new MatmulSpec(2, 2, 2, false, false, new int[0], new int[0]);
        row(
                "matmul",
                "of no batch",
                0,
                (b, r) -> b.matmul(r.random(4), r.random(4), r.out(0), none));
    }

    /** Followed by a product with other numbers, which takes their memory or has its own. */
    private void followed() {
        Formula scaled = Formula.of("scaled", 2, 0, a -> List.of(a.x(0).mul(a.x(1))));
        for (int[] s : new int[][] {{0, 3, 5}, {3, 5, 64}, {33, 17, 64}, {140, 600, 33}}) {
            LinearSpec spec = new LinearSpec(s[0], s[1], s[2]);
            int n = s[0] * s[1];
            for (boolean inPlace : new boolean[] {true, false}) {
                row(
                        "followed",
                        "linear " + spec + (inPlace ? " in place" : ""),
                        s[2],
                        (b, r) -> {
                            Buffer x = r.random(s[0] * s[2]);
                            Buffer w = r.random(s[1] * s[2]);
                            Buffer between = r.out(n);
                            Buffer y = inPlace ? between : r.out(n);
                            b.followed(
                                    between,
                                    to -> b.linear(x, w, null, to, spec),
                                    scaled,
                                    Operands.of(
                                            List.of(between, r.random(n)), List.of(y), List.of()));
                        });
            }
        }
    }

    /** Of a product, whose rows are lines, or parts of lines, or lines not whole. */
    private void softmax() {
        for (int[] s : new int[][] {{5, 34, 9, 17}, {140, 600, 33, 600}, {10, 14, 9, 7}}) {
            LinearSpec spec = new LinearSpec(s[0], s[1], s[2]);
            Axis axis = new Axis(s[0] * s[1] / s[3], s[3], 1);
            for (boolean log : new boolean[] {true, false}) {
                row(
                        "softmaxOf",
                        "linear " + spec + axis + (log ? " log" : ""),
                        s[2],
                        (b, r) -> {
                            Buffer x = r.random(s[0] * s[2]);
                            Buffer w = r.random(s[1] * s[2]);
                            Buffer y = r.out(s[0] * s[1]);
                            b.softmaxOf(to -> b.linear(x, w, null, to, spec), y, axis, log);
                        });
            }
        }
    }

    /** Offsets at equal distances, which may be 0 or negative. */
    private void regularBatch(int m, int n, int k, int[] a, int[] b) {
        int batch = a.length;
        MatmulSpec s = new MatmulSpec(m, n, k, true, false, a, b);
        row(
                "matmul",
                "of a regular batch " + m + " " + n + " " + k,
                k,
                (backend, r) ->
                        backend.matmul(
                                r.random(3 * m * k), r.random(3 * n * k), r.out(batch * m * n), s));
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
        LinearSpec s = new LinearSpec(m, n, k);
        for (boolean bias : new boolean[] {true, false}) {
            for (LinearSpec pass : new LinearSpec[] {s, s.withRelu()}) {
                row(
                        "linear",
                        title(pass.relu(), bias) + m + " " + n + " " + k,
                        k,
                        (b, r) ->
                                b.linear(
                                        r.random(m * k),
                                        r.random(n * k),
                                        bias ? r.random(n) : null,
                                        r.out(m * n),
                                        pass));
            }
        }
        for (int asked = 1; asked < 8; asked++) {
            boolean toX = (asked & 1) != 0;
            boolean toW = (asked & 2) != 0;
            boolean toB = (asked & 4) != 0;
            row(
                    "linearGrad",
                    asked(toX, toW, toB) + m + " " + n + " " + k,
                    Math.max(toX ? n : 0, toW || toB ? m : 0),
                    (b, r) ->
                            b.linearGrad(
                                    r.random(m * k),
                                    r.random(n * k),
                                    r.random(m * n),
                                    toX ? r.out(m * k) : null,
                                    toW ? r.out(n * k) : null,
                                    toB ? r.out(n) : null,
                                    s));
        }
    }

    private static String title(boolean relu, boolean bias) {
        return (relu ? "with ReLU " : "") + (bias ? "" : "without bias ");
    }

    private static String asked(boolean toX, boolean toW, boolean toB) {
        return (toX ? "dx " : "") + (toW ? "dw " : "") + (toB ? "db " : "");
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
            conv(9, 5, 7, 33, 3, 1, 1),
            conv(2, 20, 5, 18, 1, 1, 0),
            conv(4, 3, 12, 32, 5, 1, 2),
            conv3x3(1, 5, 9, 35, 7),
            conv3x3(1, 18, 9, 35, 35),
            conv3x3(1, 5, 15, 47, 7),
            conv3x3(1, 18, 15, 47, 35),
            conv3x3(2, 5, 15, 23, 7),
            conv3x3(2, 18, 15, 23, 35),
            conv(2, 3, 10, 40, 4, 2, 1),
            conv(2, 40, 6, 5, 2, 1, 0),
            new Conv2dSpec(2, 3, 11, 7, 6, 3, 5, 1, 1, 1, 2, 1, 1, 1),
            new Conv2dSpec(2, 3, 13, 19, 6, 3, 2, 1, 3, 2, 1, 1, 1, 1),
            new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 2, 3, 2, 4, 3, 2, 1),
            new Conv2dSpec(2, 6, 9, 9, 10, 3, 3, 1, 1, 1, 1, 1, 1, 2),
            new Conv2dSpec(2, 12, 9, 9, 12, 3, 3, 2, 2, 1, 1, 1, 1, 12),
            new Conv2dSpec(1, 6, 7, 5, 12, 3, 3, 1, 1, 1, 1, 1, 1, 6),
            new Conv2dSpec(1, 66, 7, 8, 70, 3, 2, 3, 2, 4, 3, 2, 3, 2),
            new Conv2dSpec(2, 4, 17, 17, 6, 3, 3, 1, 1, 1, 1, 1, 1, 2),
            new Conv2dSpec(2, 8, 13, 13, 66, 3, 3, 1, 1, 1, 1, 1, 1, 2),
        };
        for (Conv2dSpec s : specs) {
            int x = s.n() * s.inChannels() * s.h() * s.w();
            int perOutput = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
            int w = s.outChannels() * perOutput;
            int pixels = s.n() * s.outH() * s.outW();
            int y = pixels * s.outChannels();
            int o = s.outChannels();
            for (boolean bias : new boolean[] {true, false}) {
                for (double limit : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0.75}) {
                    Conv2dSpec pass = s.rectified(limit);
                    row(
                            "conv2d",
                            (limit == 0.75 ? "with limit, " : "")
                                    + title(limit == Double.POSITIVE_INFINITY, bias)
                                    + s,
                            perOutput,
                            (b, r) ->
                                    b.conv2d(
                                            r.random(x),
                                            r.random(w),
                                            bias ? r.random(o) : null,
                                            r.out(y),
                                            null,
                                            pass));
                }
            }
            int toInput = s.outChannels() * s.kernelH() * s.kernelW();
            gradient(s, toInput, pixels, true, false, false);
            gradient(s, toInput, pixels, false, true, true);
            gradient(s, toInput, pixels, false, true, false);
        }
    }

    private void gradient(
            Conv2dSpec s, int toInput, int toWeight, boolean toX, boolean toW, boolean toB) {
        int x = s.n() * s.inChannels() * s.h() * s.w();
        int w = s.outChannels() * s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
        row(
                "conv2dGrad",
                asked(toX, toW, toB) + s,
                Math.max(toX ? toInput : 0, toW ? toWeight : 0),
                (b, r) ->
                        b.conv2dGrad(
                                r.random(x),
                                r.random(w),
                                r.random(s.outputSize()),
                                null,
                                toX ? r.out(x) : null,
                                toW ? r.out(w) : null,
                                toB ? r.out(s.outChannels()) : null,
                                s));
    }

    private static Conv2dSpec conv3x3(int n, int in, int h, int w, int out) {
        return new Conv2dSpec(n, in, h, w, out, 3, 3, 1, 1, 1, 1, 1, 1, 1);
    }

    private static Conv2dSpec conv(
            int n, int in, int size, int out, int kernel, int stride, int padding) {
        return new Conv2dSpec(
                n, in, size, size, out, kernel, kernel, stride, stride, padding, padding, 1, 1, 1);
    }

    /** Convolution, ReLU and pooling in one, with windows of two and others. */
    private void pooledConvolutions() {
        pooled(conv(1, 1, 4, 1, 3, 1, 1), 2, 2, 0);
        pooled(conv(0, 3, 8, 4, 3, 1, 1), 2, 2, 0);
        pooled(conv(3, 3, 32, 16, 3, 1, 1), 2, 2, 0);
        pooled(conv(2, 16, 16, 32, 3, 1, 1), 2, 2, 0);
        pooled(conv(18, 32, 8, 64, 3, 1, 1), 2, 2, 0);
        pooled(conv3x3(2, 5, 9, 7, 7), 2, 2, 0);
        for (int channels : new int[] {7, 19}) {
            pooled(conv3x3(1, channels, 9, 35, channels), 2, 2, 0);
            pooled(conv3x3(1, channels, 15, 47, channels), 2, 2, 0);
            pooled(conv3x3(2, channels, 15, 23, channels), 2, 2, 0);
        }
        pooled(new Conv2dSpec(1, 16, 11, 13, 6, 5, 5, 1, 1, 2, 2, 1, 1, 1), 2, 2, 0);
        pooled(new Conv2dSpec(2, 4, 10, 12, 9, 2, 2, 2, 2, 0, 0, 1, 1, 1), 2, 2, 0);
        pooled(conv(2, 64, 6, 5, 3, 1, 0), 2, 2, 0);
        pooled(conv(2, 3, 9, 4, 3, 1, 1), 3, 2, 1);
        // Groups, narrow and wide ones; strides that are not the same.
        pooled(new Conv2dSpec(3, 4, 8, 15, 6, 3, 3, 1, 2, 1, 1, 1, 1, 2), 2, 2, 0);
        pooled(new Conv2dSpec(2, 4, 9, 7, 6, 3, 3, 2, 1, 1, 1, 1, 1, 2), 2, 2, 0);
        pooled(new Conv2dSpec(3, 80, 4, 8, 82, 1, 1, 1, 2, 0, 0, 1, 1, 2), 2, 2, 0);
        pooled(new Conv2dSpec(1, 80, 5, 3, 82, 1, 1, 1, 1, 0, 0, 1, 1, 2), 2, 2, 0);
        pooled(conv(5, 4, 4, 70, 1, 1, 0), 2, 2, 0);
    }

    private void pooled(Conv2dSpec conv, int window, int stride, int padding) {
        Pool2dSpec pool =
                new Pool2dSpec(
                        conv.n(),
                        conv.outChannels(),
                        conv.outH(),
                        conv.outW(),
                        window,
                        window,
                        stride,
                        stride,
                        padding,
                        padding,
                        true);
        Conv2dSpec s = conv.pooled(pool.withRelu());
        int o = conv.outChannels();
        int x = conv.n() * conv.inChannels() * conv.h() * conv.w();
        int perOutput = conv.inChannels() / conv.groups() * conv.kernelH() * conv.kernelW();
        int w = o * perOutput;
        int y = conv.n() * o * pool.outH() * pool.outW();
        // Where windows overlap, gradients whose sums TF32 holds too.
        boolean apart = stride >= window;
        for (boolean keeps : new boolean[] {true, false}) {
            String title = keeps ? "pooled " : "pooled without index ";
            row(
                    "conv2d",
                    title + conv,
                    perOutput,
                    (b, r) ->
                            b.conv2d(
                                    r.random(x),
                                    r.random(w),
                                    r.random(o),
                                    r.out(y),
                                    keeps ? r.outBytes(y) : null,
                                    s));
            row(
                    "conv2d",
                    title + "ties and NaN " + conv,
                    perOutput,
                    (b, r) ->
                            b.conv2d(
                                    r.tiesAndNan(x),
                                    r.ties(w),
                                    null,
                                    r.out(y),
                                    keeps ? r.outBytes(y) : null,
                                    s));
        }
        row(
                "conv2d",
                "pooled without ReLU " + conv,
                perOutput,
                (b, r) ->
                        b.conv2d(
                                r.random(x),
                                r.random(w),
                                r.random(o),
                                r.out(y),
                                null,
                                conv.pooled(pool)));
        for (int asked = 0; asked < 4; asked++) {
            boolean toX = asked < 3;
            boolean toW = asked > 0;
            boolean toB = asked > 1;
            row(
                    "conv2dGrad",
                    "pooled " + asked(toX, toW, toB) + conv,
                    conv.n() * conv.outH() * conv.outW() + o * conv.kernelH() * conv.kernelW(),
                    (b, r) -> {
                        Buffer in = r.random(x);
                        Buffer weight = r.random(w);
                        Buffer index = r.outBytes(y);
                        b.conv2d(in, weight, null, r.out(y), index, s);
                        b.conv2dGrad(
                                in,
                                weight,
                                apart ? r.random(y) : r.ties(y),
                                index,
                                toX ? r.out(x) : null,
                                toW ? r.out(w) : null,
                                toB ? r.out(o) : null,
                                s);
                    });
        }
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
