package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Mean of each window of x [n, c, h, w]; padding counts as zeros. */
public final class AvgPool2d extends Layer {
    private final int kernel;
    private final int stride;
    private final int padding;

    /** Windows that do not overlap. */
    public AvgPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, over a picture with a border of zeros. */
    public AvgPool2d(int kernel, int stride, int padding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.avgPool2d(x, kernel, stride, padding, true);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT, "kernel_size=%d, stride=%d, padding=%d", kernel, stride, padding);
    }
}
