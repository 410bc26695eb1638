package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Mean of each window of x [n, c, h, w]; padding counts as zeros. */
public final class AvgPool2d extends Layer {
    private Pool2dOptions options;
    private boolean countIncludePad = true;
    private int divisor;

    /** Windows that do not overlap. */
    public AvgPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, over a picture with a border of zeros. */
    public AvgPool2d(int kernel, int stride, int padding) {
        options = Pool2dOptions.of(kernel, stride, padding);
    }

    /** A last window may lie partly beyond the border, if it begins before it. */
    public AvgPool2d ceilMode() {
        options = options.ceilMode(true);
        return this;
    }

    /** Whether padding counts in the divisor, as it does unless this says otherwise. */
    public AvgPool2d countIncludePad(boolean counts) {
        countIncludePad = counts;
        return this;
    }

    /**
     * What all sums are divided by, in the place of the number of elements.
     *
     * @throws IllegalArgumentException if it is 0
     */
    public AvgPool2d divisorOverride(int number) {
        if (number == 0) {
            throw new IllegalArgumentException("AvgPool2d: expected a divisor other than 0");
        }
        divisor = number;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return divisor == 0
                ? Functional.avgPool2d(x, options, countIncludePad)
                : Functional.avgPool2d(x, options, countIncludePad, divisor);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=%d, stride=%d, padding=%d",
                options.kernelW(),
                options.strideW(),
                options.padW());
    }
}
