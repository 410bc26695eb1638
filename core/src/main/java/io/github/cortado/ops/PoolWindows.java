package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Pooling over other windows than {@link Pool2d}'s own: with holes, beyond the end, of sizes that
 * differ. Elements are put where windows of one size tile the picture, or around it.
 */
public final class PoolWindows {
    /** One element each. */
    private static final Along ONE = new Along(1, 1, 0, 1, false);

    private PoolWindows() {}

    /**
     * Windows along one dimension.
     *
     * @param kernel how many elements a window has
     * @param stride the distance of windows
     * @param pad border before and after
     * @param dilation distance of a window's elements
     * @param ceil whether a last window may lie partly beyond the border, if it begins before it
     */
    public record Along(int kernel, int stride, int pad, int dilation, boolean ceil) {
        /**
         * Checks the dilation.
         *
         * @throws IllegalArgumentException if it is below 1
         */
        public Along {
            if (dilation < 1) {
                throw new IllegalArgumentException(
                        "pool2d: dilation must be at least 1, got " + dilation);
            }
        }

        /** Elements from the first one of a window to its last. */
        private int window() {
            return dilation * (kernel - 1) + 1;
        }

        /** How many windows there are over n elements. */
        int count(int n) {
            int free = n + 2 * pad - window();
            int count = Math.floorDiv(ceil ? free + stride - 1 : free, stride) + 1;
            return ceil && (count - 1) * stride >= n + pad ? count - 1 : count;
        }

        /** Where element j of window i lies, maybe outside. */
        private int place(int i, int j) {
            return i * stride + j * dilation - pad;
        }

        /** The first element of window i that is one of n; {@code kernel} if none is. */
        private int firstInside(int i, int n) {
            int j = 0;
            while (j < kernel && !(place(i, j) >= 0 && place(i, j) < n)) {
                j++;
            }
            return j;
        }

        /** How many elements beyond the border the last window wants. */
        int beyond(int n) {
            return Math.max(0, (count(n) - 1) * stride + window() - (n + 2 * pad));
        }

        /** What a window's sum over n elements is divided by, along this dimension. */
        private int divisor(int i, int n, boolean countIncludePad) {
            int from = i * stride - pad;
            int end = Math.min(from + kernel, n + pad);
            return countIncludePad ? end - from : Math.min(end, n) - Math.max(from, 0);
        }
    }

    /** Largest x [n, c, h, w] in each window; the gradient goes to the first of equals. */
    public static Tensor max(Tensor x, Along h, Along w) {
        Pool2d.Options options = checked("maxPool2d", x, h, w);
        if (h.dilation == 1 && w.dilation == 1) {
            return Pool2d.max(beyond(x, h, w, Double.NEGATIVE_INFINITY), options);
        }
        if (h.equals(ONE) && w.dilation % w.stride == 0) {
            Tensor y = interleaved(x, w);
            if (y != null) {
                return y;
            }
        }
        Tensor y = apart(apart(x, 2, h), 3, w);
        return Pool2d.max(y, new Pool2d.Options(h.kernel, w.kernel, h.kernel, w.kernel, 0, 0));
    }

    /**
     * Largest elements of windows along the last dimension whose holes lie in all the same places:
     * of the elements in between, those of one column of lines as long as a hole. Null where that
     * makes other windows at the borders.
     */
    private static @Nullable Tensor interleaved(Tensor x, Along a) {
        int first = Math.floorMod(-a.pad, a.stride);
        int apart = a.dilation / a.stride;
        int n = (x.dim(3) - first + a.stride - 1) / a.stride;
        int pad = (a.pad + first) / a.stride;
        int rows = n / apart + 2 * (pad / apart) - a.kernel + 1;
        int count = a.count(x.dim(3));
        if (n <= 0
                || n % apart > 0
                || pad % apart > 0
                || pad / apart > a.kernel / 2
                || rows * apart < count) {
            return null;
        }
        Tensor some = a.stride == 1 ? x : x.slice(3, first, x.dim(3), a.stride);
        boolean areLines = apart > 1;
        Tensor lines =
                some.reshape(x.dim(0), x.dim(1), areLines ? n / apart : 1, areLines ? apart : n);
        Pool2d.Options options =
                areLines
                        ? new Pool2d.Options(a.kernel, 1, 1, 1, pad / apart, 0)
                        : new Pool2d.Options(1, a.kernel, 1, 1, 0, pad);
        Tensor y = Pool2d.max(lines, options).reshape(x.dim(0), x.dim(1), 1, rows * apart);
        return rows * apart == count ? y : Layout.narrow(y, 3, 0, count);
    }

    /**
     * Mean of x [n, c, h, w] over each window; what lies beyond the border never counts.
     *
     * @param divisor of all sums, or 0 for the number of elements
     */
    public static Tensor avg(Tensor x, Along h, Along w, boolean countIncludePad, int divisor) {
        Pool2d.Options options = checked("avgPool2d", x, h, w);
        if (h.dilation > 1 || w.dilation > 1) {
            throw new IllegalArgumentException(
                    "avgPool2d: windows have no holes, got dilation "
                            + (h.dilation + ", " + w.dilation));
        }
        int rows = h.count(x.dim(2));
        int columns = w.count(x.dim(3));
        if (divisor == 0 && h.beyond(x.dim(2)) + w.beyond(x.dim(3)) == 0) {
            return Pool2d.avg(x, options, countIncludePad);
        }
        int n = x.dim(2);
        int m = x.dim(3);
        Tensor factors =
                Constants.of(
                        x.device(),
                        x.dtype(),
                        List.of("divisors", n, m, h, w, countIncludePad, divisor),
                        () -> {
                            double[] all = new double[rows * columns];
                            for (int i = 0; i < all.length; i++) {
                                int down = h.divisor(i / columns, n, countIncludePad);
                                int right = w.divisor(i % columns, m, countIncludePad);
                                double by = divisor == 0 ? (double) down * right : divisor;
                                all[i] = h.kernel * w.kernel / by;
                            }
                            return Tensor.of(all, rows, columns).to(x.dtype());
                        });
        return Pool2d.avg(beyond(x, h, w, 0), options, true).mul(factors);
    }

    /**
     * Largest x [n, c, h, w] in equal parts, as many as outH x outW: those of part i lie from
     * floor(i h / outH) to below ceil((i + 1) h / outH).
     */
    public static Tensor adaptiveMax(Tensor x, int outH, int outW) {
        String op = "adaptiveMaxPool2d";
        Checks.rank(op, "input [n, channels, height, width]", x, 4);
        checkParts(op, x, outH, outW);
        return Pool2d.max(parts(x, outH, outW), tiles(x, outH, outW));
    }

    /** As {@link #adaptiveMax}, the means, and of x [..., h, w]. */
    public static Tensor adaptiveAvg(Tensor x, int outH, int outW) {
        String op = "adaptiveAvgPool2d";
        int rank = x.shape().rank();
        Checks.require(rank >= 2, "%s: expects [..., height, width], got %s", op, x.shape());
        int h = x.dim(rank - 2);
        int w = x.dim(rank - 1);
        Tensor pictures = rank == 4 ? x : x.reshape(1, x.size() / Math.max(1, h * w), h, w);
        checkParts(op, pictures, outH, outW);
        Tensor means =
                h % outH == 0 && w % outW == 0
                        ? Pool2d.avg(pictures, tiles(pictures, outH, outW), true)
                        : sums(sums(pictures, 2, outH), 3, outW).div(sizes(x, h, w, outH, outW));
        Shape shape = x.shape().with(rank - 2, outH).with(rank - 1, outW);
        return rank == 4 ? means : means.reshape(shape.dims());
    }

    /** The sums of parts of a dimension. */
    private static Tensor sums(Tensor x, int d, int count) {
        int n = x.dim(d);
        if (n == count) {
            return x;
        }
        List<Object> what = List.of("parts of elements", n, count);
        Tensor part = ofParts(x, n, count, what, (number, at) -> number);
        String op = "adaptiveAvgPool2d";
        if (n % count == 0) {
            return Select.summed(op, x, d, part, x.shape().with(d, count));
        }
        // Those that two parts have in common are there for each.
        List<Object> which = List.of("elements of parts", n, count);
        Tensor elements = ofParts(x, n, count, which, (number, at) -> at);
        return Select.sums(op, x, d, elements, part, count);
    }

    /** Something of each element of each part. */
    private static Tensor ofParts(
            Tensor x, int n, int count, List<Object> what, LongBinaryOperator element) {
        return Constants.index(
                x.device(),
                what,
                () ->
                        IntStream.range(0, count)
                                .mapToObj(
                                        i ->
                                                LongStream.range(
                                                                from(i, n, count), end(i, n, count))
                                                        .map(at -> element.applyAsLong(i, at)))
                                .flatMapToLong(part -> part)
                                .toArray());
    }

    /** How many elements each part has. */
    private static Tensor sizes(Tensor x, int h, int w, int outH, int outW) {
        return Constants.of(
                x.device(),
                x.dtype(),
                List.of("sizes of parts", h, w, outH, outW),
                () -> {
                    double[] all = new double[outH * outW];
                    Arrays.setAll(
                            all, i -> (double) size(i / outW, h, outH) * size(i % outW, w, outW));
                    return Tensor.of(all, outH, outW).to(x.dtype());
                });
    }

    private static void checkParts(String op, Tensor x, int outH, int outW) {
        Checks.floating(op, x);
        Checks.require(
                outH > 0 && outW > 0 && x.dim(2) > 0 && x.dim(3) > 0,
                "%s: %s has no parts %d x %d",
                op,
                x.shape(),
                outH,
                outW);
    }

    private static Tensor parts(Tensor x, int outH, int outW) {
        int kernelH = largest(x.dim(2), outH);
        int kernelW = largest(x.dim(3), outW);
        return parts(parts(x, 2, outH, kernelH), 3, outW, kernelW);
    }

    private static Pool2d.Options tiles(Tensor x, int outH, int outW) {
        int kernelH = largest(x.dim(2), outH);
        int kernelW = largest(x.dim(3), outW);
        return new Pool2d.Options(kernelH, kernelW, kernelH, kernelW, 0, 0);
    }

    private static int from(int i, int n, int count) {
        return (int) ((long) i * n / count);
    }

    private static int end(int i, int n, int count) {
        return (int) (((i + 1L) * n + count - 1) / count);
    }

    private static int size(int i, int n, int count) {
        return end(i, n, count) - from(i, n, count);
    }

    private static int largest(int n, int count) {
        int most = 0;
        for (int i = 0; i < count; i++) {
            most = Math.max(most, size(i, n, count));
        }
        return most;
    }

    /** A part that is smaller than others has its last element again. */
    private static Tensor parts(Tensor x, int d, int count, int kernel) {
        int n = x.dim(d);
        return n % count == 0
                ? x
                : apart(
                        x,
                        d,
                        count,
                        kernel,
                        (i, j) -> Math.min(from(i, n, count) + j, end(i, n, count) - 1),
                        "parts");
    }

    /** The elements of windows with holes side by side, for their maxima. */
    private static Tensor apart(Tensor x, int d, Along a) {
        int n = x.dim(d);
        if (IntStream.range(0, a.count(n)).allMatch(i -> a.firstInside(i, n) < a.kernel)) {
            return apart(
                    x,
                    d,
                    a.count(n),
                    a.kernel,
                    (i, j) -> {
                        int at = a.place(i, j);
                        // What is there twice is as large, and has the same gradient.
                        return at >= 0 && at < n ? at : a.place(i, a.firstInside(i, n));
                    },
                    a);
        }
        int[] before = new int[x.shape().rank()];
        int[] after = new int[x.shape().rank()];
        before[d] = a.pad;
        after[d] = a.pad + a.beyond(n);
        Tensor wide = Arrange.pad(x, before, after, Double.NEGATIVE_INFINITY);
        return apart(wide, d, a.count(n), a.kernel, (i, j) -> a.place(i, j) + a.pad, a);
    }

    /** The elements of windows side by side; element j of window i is {@code place(i, j)}. */
    private static Tensor apart(
            Tensor x, int d, int count, int kernel, IntBinaryOperator place, Object what) {
        if (kernel == 1 && count == x.dim(d)) {
            return x;
        }
        Tensor index =
                Constants.index(
                        x.device(),
                        List.of("windows", x.dim(d), count, kernel, what),
                        () -> {
                            long[] all = new long[count * kernel];
                            Arrays.setAll(all, i -> place.applyAsInt(i / kernel, i % kernel));
                            return all;
                        });
        return x.indexSelect(d, index);
    }

    private static Tensor beyond(Tensor x, Along h, Along w, double value) {
        int[] after = {0, 0, h.beyond(x.dim(2)), w.beyond(x.dim(3))};
        return after[2] + after[3] == 0 ? x : Arrange.pad(x, new int[4], after, value);
    }

    private static Pool2d.Options checked(String op, Tensor x, Along h, Along w) {
        Checks.floating(op, x);
        Checks.rank(op, "input [n, channels, height, width]", x, 4);
        Pool2d.Options options =
                new Pool2d.Options(h.kernel, w.kernel, h.stride, w.stride, h.pad, w.pad);
        Checks.require(
                h.count(x.dim(2)) > 0 && w.count(x.dim(3)) > 0,
                "%s: kernel %d x %d does not fit input %s with padding %d, %d",
                op,
                h.window(),
                w.window(),
                x.shape(),
                h.pad,
                w.pad);
        return options;
    }
}
