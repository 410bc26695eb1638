package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Windows of x [n, c, h, w] as columns, {@link Functional#unfold}. */
public final class Unfold extends Layer {
    private final int kernel;
    private int dilation = 1;
    private int padding;
    private int stride = 1;

    /** Of windows of kernel x kernel at a distance of 1, without padding or holes. */
    public Unfold(int kernel) {
        this.kernel = kernel;
    }

    /** Distance of a window's elements. */
    public Unfold dilation(int distance) {
        dilation = distance;
        return this;
    }

    /** Zeros around the picture. */
    public Unfold padding(int border) {
        padding = border;
        return this;
    }

    /** Distance of windows. */
    public Unfold stride(int step) {
        stride = step;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.unfold(x, kernel, dilation, padding, stride);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=%d, dilation=%d, padding=%d, stride=%d",
                kernel,
                dilation,
                padding,
                stride);
    }
}
