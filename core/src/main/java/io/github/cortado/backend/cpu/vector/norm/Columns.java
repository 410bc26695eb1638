package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * Vectors across channels, where each has few neighbours: every column has factors and sums of its
 * own.
 *
 * @param inner elements of a channel
 */
record Columns(int channels, int inner) implements Loops {
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
            float[] x, int xo, float[] dy, int go, int length, float[] means, float[] sums) {
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, dy, go + i);
            FloatVector.fromArray(SPECIES, sums, i).add(u).intoArray(sums, i);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .sub(FloatVector.fromArray(SPECIES, means, i))
                    .fma(u, FloatVector.fromArray(SPECIES, sums, n + i))
                    .intoArray(sums, n + i);
        }
        for (; i < n; i++) {
            float u = dy[go + i];
            sums[i] += u;
            sums[n + i] = Math.fma(x[xo + i] - means[i], u, sums[n + i]);
        }
    }

    @Override
    public void affine(float[] x, int xo, float[] y, int yo, float[] factors) {
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

    @Override
    public void combine(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, float[] factors) {
        int n = channels * inner;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector rest =
                    FloatVector.fromArray(SPECIES, x, xo + i)
                            .sub(FloatVector.fromArray(SPECIES, factors, i))
                            .fma(
                                    FloatVector.fromArray(SPECIES, factors, 2 * n + i),
                                    FloatVector.fromArray(SPECIES, factors, 3 * n + i));
            FloatVector.fromArray(SPECIES, dy, go + i)
                    .fma(FloatVector.fromArray(SPECIES, factors, n + i), rest)
                    .intoArray(dx, to + i);
        }
        for (; i < n; i++) {
            float distance = x[xo + i] - factors[i];
            float rest = Math.fma(distance, factors[2 * n + i], factors[3 * n + i]);
            dx[to + i] = Math.fma(dy[go + i], factors[n + i], rest);
        }
    }
}
