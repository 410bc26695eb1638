package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of batch normalisation: n neighbours in a channel, from element {@code at}.
 */
final class Runs {
    private Runs() {}

    /** Two vectors of sums, so that additions do not wait for each other; lanes in order. */
    static float sum(Floats x, int at, int n) {
        float[] in = x.array();
        int xo = x.offset() + at;
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            a = FloatVector.fromArray(SPECIES, in, xo + i).add(a);
            b = FloatVector.fromArray(SPECIES, in, xo + i + VL).add(b);
        }
        float sum = lanes(a, b);
        for (; i < n; i++) {
            sum += in[xo + i];
        }
        return sum;
    }

    /** The sum of (x - mean)^2. */
    static float squares(Floats x, int at, int n, float mean) {
        float[] in = x.array();
        int xo = x.offset() + at;
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, in, xo + i).sub(m);
            FloatVector v = FloatVector.fromArray(SPECIES, in, xo + i + VL).sub(m);
            a = u.fma(u, a);
            b = v.fma(v, b);
        }
        float sum = lanes(a, b);
        for (; i < n; i++) {
            float d = in[xo + i] - mean;
            sum += d * d;
        }
        return sum;
    }

    /** The sums of dy and of dy (x - mean), into the first two elements of {@code sums}. */
    static void sums(Floats x, Floats dy, int at, int n, float mean, float[] sums) {
        float[] in = x.array();
        int xo = x.offset() + at;
        float[] grad = dy.array();
        int go = dy.offset() + at;
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a = zero;
        FloatVector b = zero;
        FloatVector c = zero;
        FloatVector d = zero;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, grad, go + i);
            FloatVector v = FloatVector.fromArray(SPECIES, grad, go + i + VL);
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, in, xo + i).sub(m).fma(u, c);
            d = FloatVector.fromArray(SPECIES, in, xo + i + VL).sub(m).fma(v, d);
        }
        float sum = lanes(a, b);
        float dot = lanes(c, d);
        for (; i < n; i++) {
            sum += grad[go + i];
            dot += grad[go + i] * (in[xo + i] - mean);
        }
        sums[0] = sum;
        sums[1] = dot;
    }

    /** The lanes of both, in ascending order: reduceLanes has an order of its own. */
    private static float lanes(FloatVector a, FloatVector b) {
        float[] both = Scratch.LANE_SUMS.floats(VL);
        FloatVector.zero(SPECIES).add(a).add(b).intoArray(both, 0);
        float sum = 0f;
        for (int l = 0; l < VL; l++) {
            sum += both[l];
        }
        return sum;
    }

    /** y = (x - mean) scale + shift. */
    static void affine(Floats x, Floats y, int at, int n, float mean, float scale, float shift) {
        float[] in = x.array();
        int xo = x.offset() + at;
        float[] out = y.array();
        int yo = y.offset() + at;
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.broadcast(SPECIES, scale);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, in, xo + i).sub(m).fma(a, b).intoArray(out, yo + i);
        }
        for (; i < n; i++) {
            out[yo + i] = Math.fma(in[xo + i] - mean, scale, shift);
        }
    }

    /** dx = a dy + b (x - mean) + c, a, b and c being the three factors. */
    static void combine(
            Floats x, Floats dy, Floats dx, int at, int n, float mean, float[] factors) {
        float[] in = x.array();
        int xo = x.offset() + at;
        float[] grad = dy.array();
        int go = dy.offset() + at;
        float[] out = dx.array();
        int to = dx.offset() + at;
        float a = factors[0];
        float b = factors[1];
        float c = factors[2];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector u = FloatVector.broadcast(SPECIES, a);
        FloatVector v = FloatVector.broadcast(SPECIES, b);
        FloatVector w = FloatVector.broadcast(SPECIES, c);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance = FloatVector.fromArray(SPECIES, in, xo + i).sub(m);
            FloatVector.fromArray(SPECIES, grad, go + i)
                    .fma(u, distance.fma(v, w))
                    .intoArray(out, to + i);
        }
        for (; i < n; i++) {
            out[to + i] = Math.fma(grad[go + i], a, Math.fma(in[xo + i] - mean, b, c));
        }
    }
}
