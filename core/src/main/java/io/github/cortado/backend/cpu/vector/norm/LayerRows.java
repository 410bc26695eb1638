package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import jdk.incubator.vector.FloatVector;

/** The innermost loops of layer normalisation: a row, which has as many elements as w. */
final class LayerRows {
    private LayerRows() {}

    /** y = h w + b, h = (x - mean) inv. */
    static void normalise(
            Floats x, Floats y, Floats w, Floats b, int row, double mean, float inverse) {
        int n = w.length();
        float[] from = x.array();
        int xo = x.offset() + row * n;
        float[] to = y.array();
        int yo = y.offset() + row * n;
        float[] weight = w.array();
        int wo = w.offset();
        float[] shift = b.array();
        int bo = b.offset();
        // From the float next to the mean, then moved by the little that is left.
        float near = (float) mean;
        float left = (float) ((near - mean) * inverse);
        FloatVector m = FloatVector.broadcast(SPECIES, near);
        FloatVector s = FloatVector.broadcast(SPECIES, inverse);
        FloatVector r = FloatVector.broadcast(SPECIES, left);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, from, xo + i)
                    .sub(m)
                    .fma(s, r)
                    .fma(
                            FloatVector.fromArray(SPECIES, weight, wo + i),
                            FloatVector.fromArray(SPECIES, shift, bo + i))
                    .intoArray(to, yo + i);
        }
        for (; i < n; i++) {
            float h = Math.fma(from[xo + i] - near, inverse, left);
            to[yo + i] = Math.fma(h, weight[wo + i], shift[bo + i]);
        }
    }

    /** The sum of (x - near)^2, near the mean. */
    static float squares(float[] x, int xo, int n, float near) {
        FloatVector m = FloatVector.broadcast(SPECIES, near);
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 4 * VL; i += 4 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(m);
            FloatVector s = FloatVector.fromArray(SPECIES, x, xo + i + 2 * VL).sub(m);
            FloatVector t = FloatVector.fromArray(SPECIES, x, xo + i + 3 * VL).sub(m);
            a = u.fma(u, a);
            b = v.fma(v, b);
            c = s.fma(s, c);
            d = t.fma(t, d);
        }
        for (; i <= n - VL; i += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            a = u.fma(u, a);
        }
        float sum = lanes(TYPE.cast(a).add(c), TYPE.cast(b).add(d));
        for (; i < n; i++) {
            float e = x[xo + i] - near;
            sum += e * e;
        }
        return sum;
    }

    /**
     * The sums of g = dy w and of g h, h = (x - mean) inv, of n elements from {@code first} on.
     *
     * @param factors mean, inv
     */
    static void sums(
            Floats x, Floats dy, Floats w, int first, int n, float[] factors, float[] sums) {
        float[] from = x.array();
        int xo = x.offset() + first;
        float[] gradients = dy.array();
        int go = dy.offset() + first;
        float[] weight = w.array();
        int wo = w.offset() + first % w.length();
        float mean = factors[0];
        float inverse = factors[1];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector s = FloatVector.broadcast(SPECIES, inverse);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a = zero;
        FloatVector b = zero;
        FloatVector c = zero;
        FloatVector d = zero;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u =
                    FloatVector.fromArray(SPECIES, gradients, go + i)
                            .mul(FloatVector.fromArray(SPECIES, weight, wo + i));
            FloatVector v =
                    FloatVector.fromArray(SPECIES, gradients, go + i + VL)
                            .mul(FloatVector.fromArray(SPECIES, weight, wo + i + VL));
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, from, xo + i).sub(m).mul(s).fma(u, c);
            d = FloatVector.fromArray(SPECIES, from, xo + i + VL).sub(m).mul(s).fma(v, d);
        }
        float sum = lanes(a, b);
        float dot = lanes(c, d);
        for (; i < n; i++) {
            float g = gradients[go + i] * weight[wo + i];
            sum += g;
            dot += g * ((from[xo + i] - mean) * inverse);
        }
        sums[0] = sum;
        sums[1] = dot;
    }

    /**
     * dx = inv (g - mean of g - h mean of g h); adds dy h and dy to the two rows of {@code parts}.
     *
     * @param factors mean, inv, mean of g, mean of g h
     */
    static void gradients(
            Floats x, Floats dy, Floats w, Floats dx, int row, float[] factors, Floats parts) {
        int n = w.length();
        float[] from = x.array();
        int xo = x.offset() + row * n;
        float[] gradients = dy.array();
        int go = dy.offset() + row * n;
        float[] weight = w.array();
        int wo = w.offset();
        float[] to = dx.array();
        int at = dx.offset() + row * n;
        float[] sums = parts.array();
        int po = parts.offset();
        float mean = factors[0];
        float inverse = factors[1];
        float g0 = factors[2];
        float h0 = factors[3];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector s = FloatVector.broadcast(SPECIES, inverse);
        FloatVector meanG = FloatVector.broadcast(SPECIES, g0);
        FloatVector meanGh = FloatVector.broadcast(SPECIES, -h0);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector h = FloatVector.fromArray(SPECIES, from, xo + i).sub(m).mul(s);
            FloatVector d = FloatVector.fromArray(SPECIES, gradients, go + i);
            d.fma(h, FloatVector.fromArray(SPECIES, sums, po + i)).intoArray(sums, po + i);
            d.add(FloatVector.fromArray(SPECIES, sums, po + n + i)).intoArray(sums, po + n + i);
            FloatVector g = d.mul(FloatVector.fromArray(SPECIES, weight, wo + i)).sub(meanG);
            h.fma(meanGh, g).mul(s).intoArray(to, at + i);
        }
        for (; i < n; i++) {
            float h = (from[xo + i] - mean) * inverse;
            float d = gradients[go + i];
            sums[po + i] = Math.fma(d, h, sums[po + i]);
            sums[po + n + i] += d;
            to[at + i] = Math.fma(h, -h0, d * weight[wo + i] - g0) * inverse;
        }
    }

    /** The sum of the lanes of both: reduceLanes has an order of its own. */
    static float lanes(FloatVector a, FloatVector b) {
        float[] both = Scratch.LANE_SUMS.floats(VL);
        a.add(b).intoArray(both, 0);
        return Sums.ofLanes(both);
    }
}
