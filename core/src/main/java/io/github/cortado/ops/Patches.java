package io.github.cortado.ops;

import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;

/** Windows of pictures as columns, and pictures of such columns. */
public final class Patches {
    private Patches() {}

    /** Square windows: their size, the distance of their elements, a border, and their distance. */
    public record Options(int kernel, int dilation, int padding, int stride) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if one is below 1, or the padding below 0
         */
        public Options {
            if (kernel < 1 || dilation < 1 || padding < 0 || stride < 1) {
                throw new IllegalArgumentException(
                        "patches: expected a kernel, dilation and stride from 1 and a padding from"
                                + " 0 up, got "
                                + (kernel + ", " + dilation + ", " + stride + " and " + padding));
            }
        }

        private int wide(int n) {
            return n + 2 * padding;
        }

        /** How many windows there are over n elements. */
        private int count(int n) {
            return Math.floorDiv(wide(n) - dilation * (kernel - 1) - 1, stride) + 1;
        }

        private int place(int window, int element) {
            return window * stride + element * dilation;
        }
    }

    /** From x [n, c, h, w] to [n, c kernel kernel, windows], both row by row. */
    public static Tensor unfold(Tensor x, Options o) {
        Checks.floating("unfold", x);
        Checks.rank("unfold", "input [n, channels, height, width]", x, 4);
        int rows = o.count(x.dim(2));
        int columns = o.count(x.dim(3));
        Checks.require(
                rows > 0 && columns > 0, "unfold: %s has no windows (%s)", x.shape(), o.toString());
        int[] around = {0, 0, o.padding, o.padding};
        Tensor y = o.padding == 0 ? x : Arrange.pad(x, around, around, 0);
        y = apart(apart(y, 2, rows, o), 3, columns, o);
        int k = o.kernel;
        Tensor windows = y.reshape(x.dim(0), x.dim(1), k, rows, k, columns);
        return Layout.permute(windows, 0, 1, 2, 4, 3, 5)
                .reshape(x.dim(0), x.dim(1) * k * k, rows * columns);
    }

    /** First the first elements of all windows along a dimension, then the second ones. */
    private static Tensor apart(Tensor x, int d, int count, Options o) {
        Tensor index =
                Constants.index(
                        x.device(),
                        List.of("unfold", count, o),
                        () -> {
                            long[] all = new long[count * o.kernel];
                            Arrays.setAll(all, i -> o.place(i % count, i / count));
                            return all;
                        });
        return x.indexSelect(d, index);
    }

    /**
     * From x [n, c kernel kernel, windows] to [n, c, h, w]: the sums of what windows have in each
     * place, what {@link #unfold} does to gradients.
     */
    public static Tensor fold(Tensor x, int h, int w, Options o) {
        Checks.floating("fold", x);
        Checks.rank("fold", "input [n, channels kernel kernel, windows]", x, 3);
        int rows = o.count(h);
        int columns = o.count(w);
        int k = o.kernel;
        Checks.require(
                h > 0
                        && w > 0
                        && rows > 0
                        && columns > 0
                        && x.dim(1) % (k * k) == 0
                        && x.dim(2) == rows * columns,
                "fold: %s does not make pictures %d x %d: expected [n, c %d, %d] (%s)",
                x.shape(),
                h,
                w,
                k * k,
                Math.max(rows, 0) * Math.max(columns, 0),
                o.toString());
        int n = x.dim(0);
        int c = x.dim(1) / (k * k);
        int high = o.wide(h);
        int wide = o.wide(w);
        Tensor index =
                Constants.index(
                        x.device(),
                        List.of("fold", h, w, o),
                        () -> {
                            long[] all = new long[k * k * rows * columns];
                            int i = 0;
                            for (int element = 0; element < k * k; element++) {
                                for (int window = 0; window < rows * columns; window++) {
                                    int down = o.place(window / columns, element / k);
                                    int right = o.place(window % columns, element % k);
                                    all[i++] = (long) down * wide + right;
                                }
                            }
                            return all;
                        });
        Tensor lines = x.reshape(n * c, k * k * rows * columns).transpose(0, 1);
        Tensor sums = Layout.transpose(Select.sumByIndex(lines, index, high * wide), 0, 1);
        Tensor cut = Layout.narrow(sums.reshape(n, c, high, wide), 2, o.padding, h);
        return Layout.narrow(cut, 3, o.padding, w);
    }
}
