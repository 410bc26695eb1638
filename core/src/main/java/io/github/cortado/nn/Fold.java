package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Pictures [n, c, h, w] of their windows, {@link Functional#fold}. */
public final class Fold extends Layer {
    private final int outH;
    private final int outW;
    private final int kernel;
    private int dilation = 1;
    private int padding;
    private int stride = 1;

    /** Of that size, of windows of kernel x kernel at a distance of 1, without padding or holes. */
    public Fold(int outH, int outW, int kernel) {
        this.outH = outH;
        this.outW = outW;
        this.kernel = kernel;
    }

    /** Distance of a window's elements. */
    public Fold dilation(int distance) {
        dilation = distance;
        return this;
    }

    /** Zeros around the picture. */
    public Fold padding(int border) {
        padding = border;
        return this;
    }

    /** Distance of windows. */
    public Fold stride(int step) {
        stride = step;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.fold(x, outH, outW, kernel, dilation, padding, stride);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "output_size=(%d, %d), kernel_size=%d, dilation=%d, padding=%d, stride=%d",
                outH,
                outW,
                kernel,
                dilation,
                padding,
                stride);
    }
}
