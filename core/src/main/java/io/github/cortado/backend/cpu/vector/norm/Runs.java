package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * Channel by channel, where each has many neighbours.
 *
 * <p>A sum is kept in two vectors, so that additions do not wait for each other: element i belongs
 * to lane i mod {@link #LANES}, also where it fills no vector.
 *
 * @param inner elements of a channel
 */
record Runs(int channels, int inner) implements Loops {
    private static final int LANES = 2 * VL;

    @Override
    public int copies() {
        return 1;
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void moments(float[] x, int at, int length, float[] pivots, float[] sums) {
        for (int k = 0; k < channels; k++) {
            int to = k * LANES;
            moments(x, at + k * inner, length, pivots[k], sums, to, to + channels * LANES);
        }
    }

    private static void moments(
            float[] x, int xo, int n, float pivot, float[] sums, int sumAt, int squaresAt) {
        FloatVector p = FloatVector.broadcast(SPECIES, pivot);
        FloatVector a = FloatVector.fromArray(SPECIES, sums, sumAt);
        FloatVector b = FloatVector.fromArray(SPECIES, sums, sumAt + VL);
        FloatVector c = FloatVector.fromArray(SPECIES, sums, squaresAt);
        FloatVector d = FloatVector.fromArray(SPECIES, sums, squaresAt + VL);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xo + i).sub(p);
            FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(p);
            a = u.add(a);
            b = v.add(b);
            c = u.fma(u, c);
            d = v.fma(v, d);
        }
        TYPE.cast(a).intoArray(sums, sumAt);
        TYPE.cast(b).intoArray(sums, sumAt + VL);
        TYPE.cast(c).intoArray(sums, squaresAt);
        TYPE.cast(d).intoArray(sums, squaresAt + VL);
        for (int l = 0; l < n - i; l++) {
            float u = x[xo + i + l] - pivot;
            sums[sumAt + l] += u;
            sums[squaresAt + l] = Math.fma(u, u, sums[squaresAt + l]);
        }
    }

    @Override
    public void sums(
            float[] x, int xo, float[] dy, int go, int length, float[] means, float[] sums) {
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            sums(x, xo + run, dy, go + run, length, means[k], sums, k * LANES, channels * LANES);
        }
    }

    private static void sums(
            float[] x,
            int xo,
            float[] dy,
            int go,
            int n,
            float mean,
            float[] sums,
            int sumAt,
            int toDot) {
        int dotAt = sumAt + toDot;
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.fromArray(SPECIES, sums, sumAt);
        FloatVector b = FloatVector.fromArray(SPECIES, sums, sumAt + VL);
        FloatVector c = FloatVector.fromArray(SPECIES, sums, dotAt);
        FloatVector d = FloatVector.fromArray(SPECIES, sums, dotAt + VL);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            FloatVector v = FloatVector.fromArray(SPECIES, dy, go + i + VL);
            a = u.add(a);
            b = v.add(b);
            c = FloatVector.fromArray(SPECIES, x, xo + i).sub(m).fma(u, c);
            d = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(m).fma(v, d);
        }
        TYPE.cast(a).intoArray(sums, sumAt);
        TYPE.cast(b).intoArray(sums, sumAt + VL);
        TYPE.cast(c).intoArray(sums, dotAt);
        TYPE.cast(d).intoArray(sums, dotAt + VL);
        for (int l = 0; l < n - i; l++) {
            float u = dy[go + i + l];
            sums[sumAt + l] += u;
            sums[dotAt + l] = Math.fma(x[xo + i + l] - mean, u, sums[dotAt + l]);
        }
    }

    @Override
    public void affine(float[] x, int xo, float[] y, int yo, float[] factors) {
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            affine(x, xo + run, y, yo + run, inner, factors, k, channels);
        }
    }

    private static void affine(
            float[] x, int xo, float[] y, int yo, int n, float[] factors, int k, int ld) {
        float mean = factors[k];
        float scale = factors[ld + k];
        float shift = factors[2 * ld + k];
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

    @Override
    public void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors) {
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            combine(x, xo + run, dy, go + run, dx, to + run, inner, factors, k, channels);
        }
    }

    private static void combine(
            float[] x,
            int xo,
            float[] dy,
            int go,
            float[] dx,
            int to,
            int n,
            float[] factors,
            int k,
            int ld) {
        float mean = factors[k];
        float a = factors[ld + k];
        float b = factors[2 * ld + k];
        float c = factors[3 * ld + k];
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
