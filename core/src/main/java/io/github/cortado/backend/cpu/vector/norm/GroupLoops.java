package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of batch normalisation where channels are narrow: n neighbours that belong to
 * several, with what each needs in arrays beside.
 */
final class GroupLoops {
    private GroupLoops() {}

    /** sums += x. */
    static void add(float[] x, int p, float[] sums, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, sums, i);
            s.add(FloatVector.fromArray(SPECIES, x, p + i)).intoArray(sums, i);
        }
        for (; i < n; i++) {
            sums[i] += x[p + i];
        }
    }

    /** sums += d, squares += d^2, d = x - mean. */
    static void distances(float[] x, int p, float[] mean, float[] sums, float[] squares, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector m = FloatVector.fromArray(SPECIES, mean, i);
            FloatVector d = FloatVector.fromArray(SPECIES, x, p + i).sub(m);
            d.add(FloatVector.fromArray(SPECIES, sums, i)).intoArray(sums, i);
            d.fma(d, FloatVector.fromArray(SPECIES, squares, i)).intoArray(squares, i);
        }
        for (; i < n; i++) {
            float d = x[p + i] - mean[i];
            sums[i] += d;
            squares[i] = Math.fma(d, d, squares[i]);
        }
    }

    /** y = (x - mean) scale + shift, of a group's factors. */
    static void affine(float[] x, int p, float[] y, int to, Group g, int n) {
        float[] mean = g.mean();
        float[] scale = g.scale();
        float[] shift = g.shift();
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector m = FloatVector.fromArray(SPECIES, mean, i);
            FloatVector a = FloatVector.fromArray(SPECIES, scale, i);
            FloatVector b = FloatVector.fromArray(SPECIES, shift, i);
            FloatVector.fromArray(SPECIES, x, p + i).sub(m).fma(a, b).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Math.fma(x[p + i] - mean[i], scale[i], shift[i]);
        }
    }

    /**
     * What each of a run of neighbours needs.
     *
     * @param mean of its channel
     * @param scale by which the distance from it is multiplied
     * @param shift what is added then
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Group(float[] mean, float[] scale, float[] shift) {}

    /** sums += dy, dots += dy (x - mean). */
    static void products(
            float[] x, int p, float[] dy, int q, float[] mean, float[] sums, float[] dots, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector m = FloatVector.fromArray(SPECIES, mean, i);
            FloatVector d = FloatVector.fromArray(SPECIES, x, p + i).sub(m);
            FloatVector g = FloatVector.fromArray(SPECIES, dy, q + i);
            g.add(FloatVector.fromArray(SPECIES, sums, i)).intoArray(sums, i);
            d.fma(g, FloatVector.fromArray(SPECIES, dots, i)).intoArray(dots, i);
        }
        for (; i < n; i++) {
            sums[i] += dy[q + i];
            dots[i] = Math.fma(x[p + i] - mean[i], dy[q + i], dots[i]);
        }
    }

    /** y += x factor. */
    static void addTimes(float[] x, int p, float[] factors, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector f = FloatVector.fromArray(SPECIES, factors, i);
            FloatVector sum = FloatVector.fromArray(SPECIES, y, to + i);
            FloatVector.fromArray(SPECIES, x, p + i).fma(f, sum).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Math.fma(x[p + i], factors[i], y[to + i]);
        }
    }
}
