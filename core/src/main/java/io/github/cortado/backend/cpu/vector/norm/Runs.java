package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import jdk.incubator.vector.FloatVector;

/** The innermost loops of batch normalisation: n neighbours in a channel. */
final class Runs {
    private Runs() {}

    /** Two vectors of sums, so that additions do not wait for each other. */
    static float sum(float[] x, int xo, int n) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            a = FloatVector.fromArray(SPECIES, x, xo + i).add(a);
            b = FloatVector.fromArray(SPECIES, x, xo + i + VL).add(b);
        }
        float sum = lanes(a, b);
        for (; i < n; i++) {
            sum += x[xo + i];
        }
        return sum;
    }

    /** The sums of x - near and of its square, into the first two elements of {@code sums}. */
    static void distances(float[] x, int xo, int n, float near, float[] sums) {
        FloatVector m = FloatVector.broadcast(SPECIES, near);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a = zero;
        FloatVector b = zero;
        FloatVector c = zero;
        FloatVector d = zero;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(m);
            a = u.add(a);
            b = v.add(b);
            c = u.fma(u, c);
            d = v.fma(v, d);
        }
        float sum = lanes(a, b);
        float squares = lanes(c, d);
        for (; i < n; i++) {
            float u = x[xo + i] - near;
            sum += u;
            squares += u * u;
        }
        sums[0] = sum;
        sums[1] = squares;
    }

    /** The sums of dy and of dy (x - mean), into the first two elements of {@code sums}. */
    static void sums(float[] x, int xo, float[] dy, int go, int n, float mean, float[] sums) {
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a = zero;
        FloatVector b = zero;
        FloatVector c = zero;
        FloatVector d = zero;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            FloatVector v = FloatVector.fromArray(SPECIES, dy, go + i + VL);
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, x, xo + i).sub(m).fma(u, c);
            d = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(m).fma(v, d);
        }
        float sum = lanes(a, b);
        float dot = lanes(c, d);
        for (; i < n; i++) {
            sum += dy[go + i];
            dot += dy[go + i] * (x[xo + i] - mean);
        }
        sums[0] = sum;
        sums[1] = dot;
    }

    /** The sum of the lanes of both: reduceLanes has an order of its own. */
    static float lanes(FloatVector a, FloatVector b) {
        float[] both = Scratch.LANE_SUMS.floats(VL);
        a.add(b).intoArray(both, 0);
        return Sums.ofLanes(both);
    }

    /** y = (x - mean) scale + shift. */
    static void affine(
            float[] x, int xo, float[] y, int yo, int n, float mean, float scale, float shift) {
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.broadcast(SPECIES, scale);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i).sub(m).fma(a, b).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.fma(x[xo + i] - mean, scale, shift);
        }
    }

    /** dx = a dy + b (x - mean) + c: the factors are a, b, c and the mean. */
    static void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, int n, float[] factors) {
        float a = factors[0];
        float b = factors[1];
        float c = factors[2];
        float mean = factors[3];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector u = FloatVector.broadcast(SPECIES, a);
        FloatVector v = FloatVector.broadcast(SPECIES, b);
        FloatVector w = FloatVector.broadcast(SPECIES, c);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector.fromArray(SPECIES, dy, go + i)
                    .fma(u, distance.fma(v, w))
                    .intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            dx[to + i] = Math.fma(dy[go + i], a, Math.fma(x[xo + i] - mean, b, c));
        }
    }
}
