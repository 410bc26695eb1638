package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Means over equal parts of x [n, c, h, w]. */
public final class AdaptiveAvgPool2d extends Layer {
    private final int outH;
    private final int outW;

    /** To size x size. */
    public AdaptiveAvgPool2d(int size) {
        this(size, size);
    }

    /** To outH x outW. */
    public AdaptiveAvgPool2d(int outH, int outW) {
        this.outH = outH;
        this.outW = outW;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.adaptiveAvgPool2d(x, outH, outW);
    }

    @Override
    protected String details() {
        return "output_size=" + (outH == outW ? outH : "(" + outH + ", " + outW + ")");
    }
}
