package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of depthwise convolution: nine taps at a time, of some planes that lie one after
 * the other ({@link Depthwise}). Nine weights, or nine sums, are in registers; a vector of places
 * takes nine loads and nine masks, which bound it.
 *
 * <p>Masks are loaded as floats: JDK 17 boxes the vectors of every loop once loads have met a
 * second kind of vector.
 */
final class DepthwiseKernel {
    private DepthwiseKernel() {}

    /**
     * y[k, p] = from[k, p] + sum over 9 taps t of w[k, t] x[k, p + distance[t]], where the mask of
     * t and p lets x through, for {@code planes} k and p from {@link Depthwise#firstPlace} on.
     *
     * @param round the taps that are meant
     * @param x planes {@code xStep} apart
     * @param w nine a plane
     * @param from planes {@code yStep} apart or, with {@code same}, one vector a plane
     * @param y planes {@code yStep} apart
     */
    static void outputs(
            Depthwise depthwise,
            int round,
            int planes,
            float[] x,
            int xAt,
            int xStep,
            float[] w,
            int wAt,
            float[] from,
            int fromAt,
            boolean same,
            float[] y,
            int yAt,
            int yStep) {
        int[] places = depthwise.firstPlace();
        int vectors = places.length;
        float[] masks = depthwise.masks();
        int[] maskAt = depthwise.maskAt();
        int[] distance = depthwise.distance();
        int firstMask = round * vectors;
        int q = round * Depthwise.TAPS;
        int d0 = distance[q];
        int d1 = distance[q + 1];
        int d2 = distance[q + 2];
        int d3 = distance[q + 3];
        int d4 = distance[q + 4];
        int d5 = distance[q + 5];
        int d6 = distance[q + 6];
        int d7 = distance[q + 7];
        int d8 = distance[q + 8];

        int fromStep = same ? VL : yStep;

        for (int k = 0; k < planes; k++) {
            int wk = wAt + k * Depthwise.TAPS;
            FloatVector w0 = FloatVector.broadcast(SPECIES, w[wk]);
            FloatVector w1 = FloatVector.broadcast(SPECIES, w[wk + 1]);
            FloatVector w2 = FloatVector.broadcast(SPECIES, w[wk + 2]);
            FloatVector w3 = FloatVector.broadcast(SPECIES, w[wk + 3]);
            FloatVector w4 = FloatVector.broadcast(SPECIES, w[wk + 4]);
            FloatVector w5 = FloatVector.broadcast(SPECIES, w[wk + 5]);
            FloatVector w6 = FloatVector.broadcast(SPECIES, w[wk + 6]);
            FloatVector w7 = FloatVector.broadcast(SPECIES, w[wk + 7]);
            FloatVector w8 = FloatVector.broadcast(SPECIES, w[wk + 8]);
            for (int v = 0; v < vectors; v++) {
                int m = maskAt[firstMask + v];
                int place = places[v];
                int p = xAt + k * xStep + place;
                FloatVector a =
                        FloatVector.fromArray(
                                SPECIES, from, fromAt + k * fromStep + (same ? 0 : place));
                a =
                        FloatVector.fromArray(SPECIES, x, p + d0)
                                .reinterpretAsInts()
                                .and(FloatVector.fromArray(SPECIES, masks, m).reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w0, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d1)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w1, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d2)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 2 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w2, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d3)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 3 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w3, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d4)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 4 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w4, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d5)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 5 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w5, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d6)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 6 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w6, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d7)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 7 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w7, a);
                a =
                        FloatVector.fromArray(SPECIES, x, p + d8)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 8 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(w8, a);
                a.intoArray(y, yAt + k * yStep + place);
            }
        }
    }

    /**
     * sums[k, t] += by lane, x[n, k, p + distance[t]] dy[n, k, p] where the mask of t and p lets x
     * through, for {@code planes} k, 9 taps t, {@code pictures} n and p from {@link
     * Depthwise#firstPlace} on.
     *
     * @param sums those of a plane {@code sumsStep} apart
     */
    static void products(
            Depthwise depthwise,
            int round,
            int pictures,
            int planes,
            float[] x,
            int xAt,
            int xPicture,
            int xStep,
            float[] dy,
            int dyAt,
            int dyPicture,
            int dyStep,
            float[] sums,
            int sumsAt,
            int sumsStep) {
        int[] places = depthwise.firstPlace();
        int vectors = places.length;
        float[] masks = depthwise.masks();
        int[] maskAt = depthwise.maskAt();
        int[] distance = depthwise.distance();
        int firstMask = round * vectors;
        int q = round * Depthwise.TAPS;
        int d0 = distance[q];
        int d1 = distance[q + 1];
        int d2 = distance[q + 2];
        int d3 = distance[q + 3];
        int d4 = distance[q + 4];
        int d5 = distance[q + 5];
        int d6 = distance[q + 6];
        int d7 = distance[q + 7];
        int d8 = distance[q + 8];

        for (int k = 0; k < planes; k++) {
            int to = sumsAt + k * sumsStep;
            FloatVector s0 = FloatVector.fromArray(SPECIES, sums, to);
            FloatVector s1 = FloatVector.fromArray(SPECIES, sums, to + VL);
            FloatVector s2 = FloatVector.fromArray(SPECIES, sums, to + 2 * VL);
            FloatVector s3 = FloatVector.fromArray(SPECIES, sums, to + 3 * VL);
            FloatVector s4 = FloatVector.fromArray(SPECIES, sums, to + 4 * VL);
            FloatVector s5 = FloatVector.fromArray(SPECIES, sums, to + 5 * VL);
            FloatVector s6 = FloatVector.fromArray(SPECIES, sums, to + 6 * VL);
            FloatVector s7 = FloatVector.fromArray(SPECIES, sums, to + 7 * VL);
            FloatVector s8 = FloatVector.fromArray(SPECIES, sums, to + 8 * VL);
            int xFirst = xAt + k * xStep;
            int dyFirst = dyAt + k * dyStep;
            int v = 0;
            for (int i = 0; i < pictures * vectors; i++) {
                int m = maskAt[firstMask + v];
                int place = places[v];
                int p = xFirst + place;
                FloatVector d = FloatVector.fromArray(SPECIES, dy, dyFirst + place);
                s0 =
                        FloatVector.fromArray(SPECIES, x, p + d0)
                                .reinterpretAsInts()
                                .and(FloatVector.fromArray(SPECIES, masks, m).reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s0);
                s1 =
                        FloatVector.fromArray(SPECIES, x, p + d1)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s1);
                s2 =
                        FloatVector.fromArray(SPECIES, x, p + d2)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 2 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s2);
                s3 =
                        FloatVector.fromArray(SPECIES, x, p + d3)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 3 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s3);
                s4 =
                        FloatVector.fromArray(SPECIES, x, p + d4)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 4 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s4);
                s5 =
                        FloatVector.fromArray(SPECIES, x, p + d5)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 5 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s5);
                s6 =
                        FloatVector.fromArray(SPECIES, x, p + d6)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 6 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s6);
                s7 =
                        FloatVector.fromArray(SPECIES, x, p + d7)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 7 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s7);
                s8 =
                        FloatVector.fromArray(SPECIES, x, p + d8)
                                .reinterpretAsInts()
                                .and(
                                        FloatVector.fromArray(SPECIES, masks, m + 8 * VL)
                                                .reinterpretAsInts())
                                .reinterpretAsFloats()
                                .fma(d, s8);

                v++;
                if (v == vectors) {
                    v = 0;
                    xFirst += xPicture;
                    dyFirst += dyPicture;
                }
            }
            TYPE.cast(s0).intoArray(sums, to);
            TYPE.cast(s1).intoArray(sums, to + VL);
            TYPE.cast(s2).intoArray(sums, to + 2 * VL);
            TYPE.cast(s3).intoArray(sums, to + 3 * VL);
            TYPE.cast(s4).intoArray(sums, to + 4 * VL);
            TYPE.cast(s5).intoArray(sums, to + 5 * VL);
            TYPE.cast(s6).intoArray(sums, to + 6 * VL);
            TYPE.cast(s7).intoArray(sums, to + 7 * VL);
            TYPE.cast(s8).intoArray(sums, to + 8 * VL);
        }
    }
}
