package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Locale;

/** Largest value of each window of x [n, c, h, w]. */
public final class MaxPool2d extends Layer {
    private Pool2dOptions options;

    /** Windows that do not overlap. */
    public MaxPool2d(int kernel) {
        this(kernel, kernel, 0);
    }

    /** Windows of a size, at a distance, over a picture with a border that is never chosen. */
    public MaxPool2d(int kernel, int stride, int padding) {
        options = Pool2dOptions.of(kernel, stride, padding);
    }

    /** Distance of a window's elements. */
    public MaxPool2d dilation(int distance) {
        options = options.dilation(distance, distance);
        return this;
    }

    /** A last window may lie partly beyond the border, if it begins before it. */
    public MaxPool2d ceilMode() {
        options = options.ceilMode(true);
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.maxPool2d(x, options);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "kernel_size=%d, stride=%d, padding=%d, dilation=%d, ceil_mode=%s",
                options.kernelW(),
                options.strideW(),
                options.padW(),
                options.dilationW(),
                options.ceilMode() ? "True" : "False");
    }
}
