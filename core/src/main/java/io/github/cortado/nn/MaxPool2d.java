package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Largest value of each window of x [n, c, h, w]. */
public final class MaxPool2d extends Layer {
    private final int kernel;
    private final int stride;
    private final int padding;

    /** Windows that do not overlap. */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, over a picture with a border that is never chosen. */
    public MaxPool2d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.maxPool2d(x, kernel, stride, padding);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=%d, stride=%d, padding=%d, dilation=1, ceil_mode=False",
                kernel,
                stride,
                padding);
    }
}
