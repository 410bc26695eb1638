package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.ASHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Vectors across channels, where each has few neighbours: every column has factors and sums of its
 * own.
 *
 * @param inner elements of a channel
 * @param limit of results
 */
record Columns(int channels, int inner, Limit limit) implements Loops {
    @Override
    public int copies() {
        return inner;
    }

    @Override
    public int lanes() {
        return inner;
    }

    @Override
    public void moments(float[] x, int xo, int length, float[] pivots, float[] sums) {
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector u =
                    FloatVector.fromArray(SPECIES, x, xo + i)
                            .sub(FloatVector.fromArray(SPECIES, pivots, i));
            FloatVector.fromArray(SPECIES, sums, i).add(u).intoArray(sums, i);
            u.fma(u, FloatVector.fromArray(SPECIES, sums, n + i)).intoArray(sums, n + i);
        }
        for (; i < n; i++) {
            float u = x[xo + i] - pivots[i];
            sums[i] += u;
            sums[n + i] = Math.fma(u, u, sums[n + i]);
        }
    }

    @Override
    public void sums(
            float[] x, int xo, float[] dy, int go, int length, float[] factors, float[] sums) {
        if (!limit.isNone()) {
            rectifiedSums(x, xo, dy, go, factors, sums);
            return;
        }
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            FloatVector.fromArray(SPECIES, sums, i).add(u).intoArray(sums, i);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(FloatVector.fromArray(SPECIES, factors, i))
                    .fma(u, FloatVector.fromArray(SPECIES, sums, n + i))
                    .intoArray(sums, n + i);
        }
        for (; i < n; i++) {
            float u = dy[go + i];
            sums[i] += u;
            sums[n + i] = Math.fma(x[xo + i] - factors[i], u, sums[n + i]);
        }
    }

    private void rectifiedSums(
            float[] x, int xo, float[] dy, int go, float[] factors, float[] sums) {
        int end = limit.end();
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance =
                    FloatVector.fromArray(SPECIES, x, xo + i)
                            .sub(FloatVector.fromArray(SPECIES, factors, i));
            FloatVector p =
                    distance.fma(
                            FloatVector.fromArray(SPECIES, factors, n + i),
                            FloatVector.fromArray(SPECIES, factors, 2 * n + i));
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            IntVector pBits = p.reinterpretAsInts();
            IntVector pMask = pBits.neg().and(pBits.sub(end)).lanewise(ASHR, 31);
            u = u.reinterpretAsInts().and(pMask).reinterpretAsFloats();
            FloatVector.fromArray(SPECIES, sums, i).add(u).intoArray(sums, i);
            distance.fma(u, FloatVector.fromArray(SPECIES, sums, n + i)).intoArray(sums, n + i);
        }
        for (; i < n; i++) {
            float distance = x[xo + i] - factors[i];
            float p = Math.fma(distance, factors[n + i], factors[2 * n + i]);
            float u = limit.passes(p) ? dy[go + i] : 0f;
            sums[i] += u;
            sums[n + i] = Math.fma(distance, u, sums[n + i]);
        }
    }

    @Override
    public void affine(float[] x, int xo, float[] y, int yo, float[] factors) {
        if (!limit.isNone()) {
            rectified(x, xo, y, yo, factors);
            return;
        }
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(FloatVector.fromArray(SPECIES, factors, i))
                    .fma(
                            FloatVector.fromArray(SPECIES, factors, n + i),
                            FloatVector.fromArray(SPECIES, factors, 2 * n + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.fma(x[xo + i] - factors[i], factors[n + i], factors[2 * n + i]);
        }
    }

    private void rectified(float[] x, int xo, float[] y, int yo, float[] factors) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector most = FloatVector.broadcast(SPECIES, limit.value());
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(FloatVector.fromArray(SPECIES, factors, i))
                    .fma(
                            FloatVector.fromArray(SPECIES, factors, n + i),
                            FloatVector.fromArray(SPECIES, factors, 2 * n + i))
                    .max(zero)
                    .min(most)
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            float p = Math.fma(x[xo + i] - factors[i], factors[n + i], factors[2 * n + i]);
            y[yo + i] = limit.cut(p);
        }
    }

    @Override
    public void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors) {
        if (!limit.isNone()) {
            combineRectified(x, xo, dy, go, dx, to, factors);
            return;
        }
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector rest =
                    FloatVector.fromArray(SPECIES, x, xo + i)
                            .sub(FloatVector.fromArray(SPECIES, factors, i))
                            .fma(
                                    FloatVector.fromArray(SPECIES, factors, 3 * n + i),
                                    FloatVector.fromArray(SPECIES, factors, 4 * n + i));
            FloatVector.fromArray(SPECIES, dy, go + i)
                    .fma(FloatVector.fromArray(SPECIES, factors, n + i), rest)
                    .intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            float distance = x[xo + i] - factors[i];
            float rest = Math.fma(distance, factors[3 * n + i], factors[4 * n + i]);
            dx[to + i] = Math.fma(dy[go + i], factors[n + i], rest);
        }
    }

    private void combineRectified(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors) {
        int end = limit.end();
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector distance =
                    FloatVector.fromArray(SPECIES, x, xo + i)
                            .sub(FloatVector.fromArray(SPECIES, factors, i));
            FloatVector scale = FloatVector.fromArray(SPECIES, factors, n + i);
            FloatVector p = distance.fma(scale, FloatVector.fromArray(SPECIES, factors, 2 * n + i));
            FloatVector rest =
                    distance.fma(
                            FloatVector.fromArray(SPECIES, factors, 3 * n + i),
                            FloatVector.fromArray(SPECIES, factors, 4 * n + i));
            FloatVector g = FloatVector.fromArray(SPECIES, dy, go + i);
            IntVector pBits = p.reinterpretAsInts();
            IntVector pMask = pBits.neg().and(pBits.sub(end)).lanewise(ASHR, 31);
            g = g.reinterpretAsInts().and(pMask).reinterpretAsFloats();
            g.fma(scale, rest).intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            float distance = x[xo + i] - factors[i];
            float p = Math.fma(distance, factors[n + i], factors[2 * n + i]);
            float g = limit.passes(p) ? dy[go + i] : 0f;
            float rest = Math.fma(distance, factors[3 * n + i], factors[4 * n + i]);
            dx[to + i] = Math.fma(g, factors[n + i], rest);
        }
    }
}
