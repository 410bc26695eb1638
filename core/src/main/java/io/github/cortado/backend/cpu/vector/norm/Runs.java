package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.ASHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Channel by channel, where each has many neighbours.
 *
 * <p>A sum is kept in two vectors, so that additions do not wait for each other: element i belongs
 * to lane i mod {@link #LANES}, also where it fills no vector.
 *
 * @param inner elements of a channel
 * @param limit of results
 */
record Runs(int channels, int inner, Limit limit) implements Loops {
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
            float[] x, int xo, float[] dy, int go, int length, float[] factors, float[] sums) {
        boolean isPlain = limit.isNone();
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            if (isPlain) {
                sums(x, xo + run, dy, go + run, length, factors[k], sums, k);
            } else {
                rectifiedSums(x, xo + run, dy, go + run, length, factors, sums, k);
            }
        }
    }

    private void sums(
            float[] x, int xo, float[] dy, int go, int n, float mean, float[] sums, int k) {
        int sumAt = k * LANES;
        int dotAt = sumAt + channels * LANES;
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

    private void rectifiedSums(
            float[] x, int xo, float[] dy, int go, int n, float[] factors, float[] sums, int k) {
        int sumAt = k * LANES;
        int dotAt = sumAt + channels * LANES;
        float mean = factors[k];
        float scale = factors[channels + k];
        float shift = factors[2 * channels + k];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector s = FloatVector.broadcast(SPECIES, scale);
        FloatVector t = FloatVector.broadcast(SPECIES, shift);
        int end = limit.end();
        FloatVector a = FloatVector.fromArray(SPECIES, sums, sumAt);
        FloatVector b = FloatVector.fromArray(SPECIES, sums, sumAt + VL);
        FloatVector c = FloatVector.fromArray(SPECIES, sums, dotAt);
        FloatVector d = FloatVector.fromArray(SPECIES, sums, dotAt + VL);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector near = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector far = FloatVector.fromArray(SPECIES, x, xo + i + VL).sub(m);
            FloatVector p = near.fma(s, t);
            FloatVector q = far.fma(s, t);
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            FloatVector v = FloatVector.fromArray(SPECIES, dy, go + i + VL);
            IntVector pBits = p.reinterpretAsInts();
            IntVector pMask = pBits.neg().and(pBits.sub(end)).lanewise(ASHR, 31);
            u = u.reinterpretAsInts().and(pMask).reinterpretAsFloats();
            IntVector qBits = q.reinterpretAsInts();
            IntVector qMask = qBits.neg().and(qBits.sub(end)).lanewise(ASHR, 31);
            v = v.reinterpretAsInts().and(qMask).reinterpretAsFloats();
            a = u.add(a);
            b = v.add(b);
            c = near.fma(u, c);
            d = far.fma(v, d);
        }
        TYPE.cast(a).intoArray(sums, sumAt);
        TYPE.cast(b).intoArray(sums, sumAt + VL);
        TYPE.cast(c).intoArray(sums, dotAt);
        TYPE.cast(d).intoArray(sums, dotAt + VL);
        for (int l = 0; l < n - i; l++) {
            float distance = x[xo + i + l] - mean;
            float u = limit.passes(Math.fma(distance, scale, shift)) ? dy[go + i + l] : 0f;
            sums[sumAt + l] += u;
            sums[dotAt + l] = Math.fma(distance, u, sums[dotAt + l]);
        }
    }

    @Override
    public void affine(float[] x, int xo, float[] y, int yo, float[] factors) {
        boolean isPlain = limit.isNone();
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            if (isPlain) {
                affine(x, xo + run, y, yo + run, factors, k);
            } else {
                rectified(x, xo + run, y, yo + run, factors, k);
            }
        }
    }

    private void affine(float[] x, int xo, float[] y, int yo, float[] factors, int k) {
        float mean = factors[k];
        float scale = factors[channels + k];
        float shift = factors[2 * channels + k];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.broadcast(SPECIES, scale);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        int n = inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i).sub(m).fma(a, b).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.fma(x[xo + i] - mean, scale, shift);
        }
    }

    private void rectified(float[] x, int xo, float[] y, int yo, float[] factors, int k) {
        float mean = factors[k];
        float scale = factors[channels + k];
        float shift = factors[2 * channels + k];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector a = FloatVector.broadcast(SPECIES, scale);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector most = FloatVector.broadcast(SPECIES, limit.value());
        int n = inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector p = FloatVector.fromArray(SPECIES, x, xo + i).sub(m).fma(a, b);
            p.max(zero).min(most).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = limit.cut(Math.fma(x[xo + i] - mean, scale, shift));
        }
    }

    @Override
    public void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors) {
        boolean isPlain = limit.isNone();
        for (int k = 0; k < channels; k++) {
            int run = k * inner;
            if (isPlain) {
                combine(x, xo + run, dy, go + run, dx, to + run, factors, k);
            } else {
                combineRectified(x, xo + run, dy, go + run, dx, to + run, factors, k);
            }
        }
    }

    private void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors, int k) {
        float mean = factors[k];
        float scale = factors[channels + k];
        float slope = factors[3 * channels + k];
        float constant = factors[4 * channels + k];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector u = FloatVector.broadcast(SPECIES, scale);
        FloatVector v = FloatVector.broadcast(SPECIES, slope);
        FloatVector w = FloatVector.broadcast(SPECIES, constant);
        int n = inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector.fromArray(SPECIES, dy, go + i)
                    .fma(u, distance.fma(v, w))
                    .intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            float rest = Math.fma(x[xo + i] - mean, slope, constant);
            dx[to + i] = Math.fma(dy[go + i], scale, rest);
        }
    }

    private void combineRectified(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors, int k) {
        float mean = factors[k];
        float scale = factors[channels + k];
        float shift = factors[2 * channels + k];
        float slope = factors[3 * channels + k];
        float constant = factors[4 * channels + k];
        FloatVector m = FloatVector.broadcast(SPECIES, mean);
        FloatVector s = FloatVector.broadcast(SPECIES, scale);
        FloatVector t = FloatVector.broadcast(SPECIES, shift);
        FloatVector v = FloatVector.broadcast(SPECIES, slope);
        FloatVector w = FloatVector.broadcast(SPECIES, constant);
        int end = limit.end();
        int n = inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance = FloatVector.fromArray(SPECIES, x, xo + i).sub(m);
            FloatVector p = distance.fma(s, t);
            FloatVector g = FloatVector.fromArray(SPECIES, dy, go + i);
            IntVector pBits = p.reinterpretAsInts();
            IntVector pMask = pBits.neg().and(pBits.sub(end)).lanewise(ASHR, 31);
            g = g.reinterpretAsInts().and(pMask).reinterpretAsFloats();
            g.fma(s, distance.fma(v, w)).intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            float distance = x[xo + i] - mean;
            float g = limit.passes(Math.fma(distance, scale, shift)) ? dy[go + i] : 0f;
            dx[to + i] = Math.fma(g, scale, Math.fma(distance, slope, constant));
        }
    }
}
