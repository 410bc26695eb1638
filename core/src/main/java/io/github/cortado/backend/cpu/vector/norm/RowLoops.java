package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of layer normalisation: a row of n neighbours from element p on. The lanes of
 * sums go into {@code lanes}, room for two vectors, and what follows the last whole vector is added
 * to the first of them.
 */
final class RowLoops {
    private RowLoops() {}

    /** The sum. */
    static double sum(float[] x, int p, int n, float[] lanes) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            a = FloatVector.fromArray(SPECIES, x, p + i).add(a);
            b = FloatVector.fromArray(SPECIES, x, p + i + VL).add(b);
        }
        TYPE.cast(a).add(b).intoArray(lanes, 0);
        for (; i < n; i++) {
            lanes[0] += x[p + i];
        }
        return sum(lanes, 0);
    }

    /** The lanes from {@code at} on, in double. */
    static double sum(float[] lanes, int at) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int l = at; l < at + VL; l += 4) {
            a += lanes[l];
            b += lanes[l + 1];
            c += lanes[l + 2];
            d += lanes[l + 3];
        }
        return a + b + (c + d);
    }

    /** The sums of d and of d^2, d = x - near, by lanes. */
    static void distances(float[] x, int p, int n, float near, float[] lanes) {
        FloatVector m = FloatVector.broadcast(SPECIES, near);
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, p + i).sub(m);
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i + VL).sub(m);
            a = u.add(a);
            b = v.add(b);
            c = u.fma(u, c);
            d = v.fma(v, d);
        }
        TYPE.cast(a).add(b).intoArray(lanes, 0);
        TYPE.cast(c).add(d).intoArray(lanes, VL);
        for (; i < n; i++) {
            float u = x[p + i] - near;
            lanes[0] += u;
            lanes[VL] = Math.fma(u, u, lanes[VL]);
        }
    }

    /** The sums of g and of g d, g = dy w, d = x - mean, by lanes; w begins at element 0. */
    static void products(
            float[] x, int p, float mean, float[] dy, int q, float[] w, int n, float[] lanes) {
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, dy, q + i);
            u = u.mul(FloatVector.fromArray(SPECIES, w, i));
            FloatVector v = FloatVector.fromArray(SPECIES, dy, q + i + VL);
            v = v.mul(FloatVector.fromArray(SPECIES, w, i + VL));
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, x, p + i).sub(m).fma(u, c);
            d = FloatVector.fromArray(SPECIES, x, p + i + VL).sub(m).fma(v, d);
        }
        TYPE.cast(a).add(b).intoArray(lanes, 0);
        TYPE.cast(c).add(d).intoArray(lanes, VL);
        for (; i < n; i++) {
            float u = dy[q + i] * w[i];
            lanes[0] += u;
            lanes[VL] = Math.fma(x[p + i] - mean, u, lanes[VL]);
        }
    }

    /** What y or dx is made of, by row: see the loops. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Row(float[] x, int p, float mean, float inv, int n) {
        /** y = (d inv + rest) w + b, d = x - mean. */
        void normalise(float rest, float[] w, float[] b, float[] y, int to) {
            FloatVector m = FloatVector.broadcast(SPECIES, mean);
            FloatVector s = FloatVector.broadcast(SPECIES, inv);
            FloatVector r = FloatVector.broadcast(SPECIES, rest);
            int i = 0;
            for (; i <= n - VL; i += VL) {
                FloatVector h = FloatVector.fromArray(SPECIES, x, p + i).sub(m).fma(s, r);
                FloatVector shift = FloatVector.fromArray(SPECIES, b, i);
                h.fma(FloatVector.fromArray(SPECIES, w, i), shift).intoArray(y, to + i);
            }
            for (; i < n; i++) {
                float h = Math.fma(x[p + i] - mean, inv, rest);
                y[to + i] = Math.fma(h, w[i], b[i]);
            }
        }

        /** dx = g inv + h slope + rest, g = dy w, h = d inv. */
        void gradient(float[] dy, int q, float[] w, float slope, float rest, float[] dx, int to) {
            FloatVector m = FloatVector.broadcast(SPECIES, mean);
            FloatVector s = FloatVector.broadcast(SPECIES, inv);
            FloatVector k = FloatVector.broadcast(SPECIES, slope);
            FloatVector r = FloatVector.broadcast(SPECIES, rest);
            int i = 0;
            for (; i <= n - VL; i += VL) {
                FloatVector h = FloatVector.fromArray(SPECIES, x, p + i).sub(m).mul(s);
                FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
                g = g.mul(FloatVector.fromArray(SPECIES, w, i));
                g.fma(s, h.fma(k, r)).intoArray(dx, to + i);
            }
            for (; i < n; i++) {
                float h = (x[p + i] - mean) * inv;
                dx[to + i] = Math.fma(dy[q + i] * w[i], inv, Math.fma(h, slope, rest));
            }
        }

        /** dw += dy h, db += dy, from element {@code at} on. */
        void parameters(float[] dy, int q, float[] dw, float[] db, int at) {
            FloatVector m = FloatVector.broadcast(SPECIES, mean);
            FloatVector s = FloatVector.broadcast(SPECIES, inv);
            int i = 0;
            for (; i <= n - VL; i += VL) {
                FloatVector h = FloatVector.fromArray(SPECIES, x, p + i).sub(m).mul(s);
                FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
                FloatVector sum = FloatVector.fromArray(SPECIES, dw, at + i);
                h.fma(g, sum).intoArray(dw, at + i);
                g.add(FloatVector.fromArray(SPECIES, db, at + i)).intoArray(db, at + i);
            }
            for (; i < n; i++) {
                float h = (x[p + i] - mean) * inv;
                dw[at + i] = Math.fma(h, dy[q + i], dw[at + i]);
                db[at + i] += dy[q + i];
            }
        }
    }
}
