package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Largest values of equal parts of x [n, c, h, w]. */
public final class AdaptiveMaxPool2d extends Layer {
    private final int outH;
    private final int outW;

    /** To size x size. */
    public AdaptiveMaxPool2d(int size) {
        this(size, size);
    }

    /** To outH x outW. */
    public AdaptiveMaxPool2d(int outH, int outW) {
        this.outH = outH;
        this.outW = outW;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.adaptiveMaxPool2d(x, outH, outW);
    }

    @Override
    protected String details() {
        return "output_size=" + (outH == outW ? outH : "(" + outH + ", " + outW + ")");
    }
}
