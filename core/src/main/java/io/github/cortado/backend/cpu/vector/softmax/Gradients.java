package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.layout.Lines;

/** Gradients of softmax and its logarithm, line by line, in double. */
final class Gradients {
    private Gradients() {}

    /** dx = y (dy - sum of dy y). */
    static void softmax(Floats y, Floats dy, Floats dx, Axis axis) {
        float[] p = y.array();
        float[] g = dy.array();
        float[] to = dx.array();
        int inner = axis.inner();
        Lines.run(
                axis,
                (start, line) -> {
                    int po = y.offset() + start;
                    int go = dy.offset() + start;
                    int xo = dx.offset() + start;
                    double dot = 0;
                    for (int i = 0; i < axis.n(); i++) {
                        dot += (double) p[po + i * inner] * g[go + i * inner];
                    }
                    for (int i = 0; i < axis.n(); i++) {
                        double rest = g[go + i * inner] - dot;
                        to[xo + i * inner] = (float) (p[po + i * inner] * rest);
                    }
                });
    }

    /** dx = dy - e^y sum of dy. */
    static void logSoftmax(Floats y, Floats dy, Floats dx, Axis axis) {
        float[] logs = y.array();
        float[] g = dy.array();
        float[] to = dx.array();
        int inner = axis.inner();
        Lines.run(
                axis,
                (start, line) -> {
                    int yo = y.offset() + start;
                    int go = dy.offset() + start;
                    int xo = dx.offset() + start;
                    double sum = 0;
                    for (int i = 0; i < axis.n(); i++) {
                        sum += g[go + i * inner];
                    }
                    for (int i = 0; i < axis.n(); i++) {
                        double p = StrictMath.exp(logs[yo + i * inner]);
                        to[xo + i * inner] = (float) (g[go + i * inner] - p * sum);
                    }
                });
    }
}
