package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Largest value of each window of x [n, c, l]. */
public final class MaxPool1d extends Layer {
    private final int kernel;
    private final int stride;
    private final int padding;
    private int dilation = 1;
    private boolean ceilMode;

    /** Windows that do not overlap. */
    public MaxPool1d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, with a border at both ends that is never chosen. */
    public MaxPool1d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    /** Distance of a window's elements. */
    public MaxPool1d dilation(int distance) {
        dilation = distance;
        return this;
    }

    /** A last window may lie partly beyond the border, if it begins before it. */
    public MaxPool1d ceilMode() {
        ceilMode = true;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.maxPool1d(x, kernel, stride, padding, dilation, ceilMode);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=%d, stride=%d, padding=%d, dilation=%d, ceil_mode=%s",
                kernel,
                stride,
                padding,
                dilation,
                ceilMode ? "True" : "False");
    }
}
