package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Affine functions and ReLU. Each of these reads and writes every element once and is bound by
 * memory: a loop that C2 turns into vector code by itself is left to it, the Vector API is used
 * where a comparison would keep C2 from doing so.
 */
final class ElementWise {
    private ElementWise() {}

    /** y = scale x + shift. */
    static void affine(Floats x, Floats y, float scale, float shift) {
        float[] in = x.array();
        int xo = x.offset();
        float[] out = y.array();
        int yo = y.offset();
        Parallel.forRanges(y.length(), (i, n) -> affine(in, xo + i, out, yo + i, n, scale, shift));
    }

    private static void affine(
            float[] x, int p, float[] y, int to, int n, float scale, float shift) {
        for (int i = 0; i < n; i++) {
            y[to + i] = scale * x[p + i] + shift;
        }
    }

    /** y = max(x, 0), NaN staying NaN. */
    static void relu(Floats x, Floats y) {
        float[] in = x.array();
        int xo = x.offset();
        float[] out = y.array();
        int yo = y.offset();
        Parallel.forRanges(y.length(), (i, n) -> relu(in, xo + i, out, yo + i, n));
    }

    private static void relu(float[] x, int p, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).max(0f).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Math.max(x[p + i], 0f);
        }
    }

    /** dx = scale dy where y > 0, else 0. */
    static void reluGrad(Floats y, Floats dy, Floats dx, float scale) {
        Parallel.forRanges(dx.length(), (i, n) -> reluGrad(y, dy, dx, i, n, scale));
    }

    private static void reluGrad(
            Floats result, Floats gradient, Floats dx, int from, int n, float scale) {
        float[] y = result.array();
        int p = result.offset() + from;
        float[] dy = gradient.array();
        int q = gradient.offset() + from;
        float[] out = dx.array();
        int to = dx.offset() + from;
        FloatVector zero = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            VectorMask<Float> positive =
                    FloatVector.fromArray(SPECIES, y, p + i).compare(VectorOperators.GT, zero);
            zero.blend(FloatVector.fromArray(SPECIES, dy, q + i).mul(scale), positive)
                    .intoArray(out, to + i);
        }
        for (; i < n; i++) {
            out[to + i] = y[p + i] > 0 ? scale * dy[q + i] : 0f;
        }
    }
}
