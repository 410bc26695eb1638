package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import jdk.incubator.vector.FloatVector;

/** The innermost loops of {@link LayerRows} where neighbours share a weight: they are a channel. */
final class ChannelRows {
    private ChannelRows() {}

    /**
     * y = h w + b, h = (x - mean) inv.
     *
     * @param moments mean, inv
     */
    static void normalise(
            Floats x, Floats y, Floats w, Floats b, int row, double[] moments, LayerNormSpec s) {
        float near = (float) moments[0];
        float inverse = (float) moments[1];
        // From the float next to the mean, then moved by the little that is left.
        float left = (float) ((near - moments[0]) * inverse);
        float[] factors = {near, inverse, left, 0, 0};
        for (int k = 0; k < s.weightsOfARow(); k++) {
            factors[3] = (float) w.get(s.firstWeight(row) + k);
            factors[4] = (float) b.get(s.firstWeight(row) + k);
            normalise(x, y, row * s.n() + k * s.inner(), s.inner(), factors);
        }
    }

    private static void normalise(Floats x, Floats y, int first, int n, float[] factors) {
        float[] from = x.array();
        int xo = x.offset() + first;
        float[] to = y.array();
        int yo = y.offset() + first;
        float near = factors[0];
        float inverse = factors[1];
        float left = factors[2];
        float weight = factors[3];
        float shift = factors[4];
        FloatVector m = FloatVector.broadcast(SPECIES, near);
        FloatVector v = FloatVector.broadcast(SPECIES, inverse);
        FloatVector r = FloatVector.broadcast(SPECIES, left);
        FloatVector w = FloatVector.broadcast(SPECIES, weight);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, from, xo + i)
                    .sub(m)
                    .fma(v, r)
                    .fma(w, b)
                    .intoArray(to, yo + i);
        }
        for (; i < n; i++) {
            to[yo + i] = Math.fma(Math.fma(from[xo + i] - near, inverse, left), weight, shift);
        }
    }

    /**
     * The sums of dy and of dy h, h = (x - mean) inv, of n elements from {@code first} on.
     *
     * @param factors mean, inv
     */
    static void sums(Floats x, Floats dy, int first, int n, float[] factors, float[] sums) {
        float[] from = x.array();
        int xo = x.offset() + first;
        float[] gradients = dy.array();
        int go = dy.offset() + first;
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
            FloatVector u = FloatVector.fromArray(SPECIES, gradients, go + i);
            FloatVector v = FloatVector.fromArray(SPECIES, gradients, go + i + VL);
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, from, xo + i).sub(m).mul(s).fma(u, c);
            d = FloatVector.fromArray(SPECIES, from, xo + i + VL).sub(m).mul(s).fma(v, d);
        }
        float sum = LayerRows.lanes(a, b);
        float dot = LayerRows.lanes(c, d);
        for (; i < n; i++) {
            float g = gradients[go + i];
            sum += g;
            dot += g * ((from[xo + i] - mean) * inverse);
        }
        sums[0] = sum;
        sums[1] = dot;
    }

    /**
     * dx = inv (g - mean of g - h mean of g h), g = dy w.
     *
     * @param factors mean, inv, mean of g, mean of g h
     */
    static void gradients(
            Floats x, Floats dy, Floats w, Floats dx, int row, float[] factors, LayerNormSpec s) {
        for (int k = 0; k < s.weightsOfARow(); k++) {
            float weight = (float) w.get(s.firstWeight(row) + k);
            gradients(x, dy, weight, dx, row * s.n() + k * s.inner(), s.inner(), factors);
        }
    }

    private static void gradients(
            Floats x, Floats dy, float weight, Floats dx, int first, int n, float[] factors) {
        float[] from = x.array();
        int xo = x.offset() + first;
        float[] gradients = dy.array();
        int go = dy.offset() + first;
        float[] to = dx.array();
        int at = dx.offset() + first;
        float mean = factors[0];
        float inverse = factors[1];
        float g0 = factors[2];
        float h0 = factors[3];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector s = FloatVector.broadcast(SPECIES, inverse);
        FloatVector w = FloatVector.broadcast(SPECIES, weight);
        FloatVector meanG = FloatVector.broadcast(SPECIES, g0);
        FloatVector meanGh = FloatVector.broadcast(SPECIES, -h0);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector h = FloatVector.fromArray(SPECIES, from, xo + i).sub(m).mul(s);
            FloatVector g = FloatVector.fromArray(SPECIES, gradients, go + i).mul(w).sub(meanG);
            h.fma(meanGh, g).mul(s).intoArray(to, at + i);
        }
        for (; i < n; i++) {
            float h = (from[xo + i] - mean) * inverse;
            to[at + i] = Math.fma(h, -h0, gradients[go + i] * weight - g0) * inverse;
        }
    }
}
