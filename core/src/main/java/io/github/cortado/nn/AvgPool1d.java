package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Mean of each window of x [n, c, l]; padding counts as zeros. */
public final class AvgPool1d extends Layer {
    private final int kernel;
    private final int stride;
    private final int padding;
    private boolean ceilMode;
    private boolean countIncludePad = true;

    /** Windows that do not overlap. */
    public AvgPool1d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, with a border of zeros at both ends. */
    public AvgPool1d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    /** A last window may lie partly beyond the border, if it begins before it. */
    public AvgPool1d ceilMode() {
        ceilMode = true;
        return this;
    }

    /** Whether padding counts in the divisor, as it does unless this says otherwise. */
    public AvgPool1d countIncludePad(boolean counts) {
        countIncludePad = counts;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.avgPool1d(x, kernel, stride, padding, ceilMode, countIncludePad);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=(%d,), stride=(%d,), padding=(%d,)",
                kernel,
                stride,
                padding);
    }
}
