package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.GemmKernels.SPECIES;
import static io.github.cortado.backend.cpu.GemmKernels.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of {@link ConvPoolGradient}: patches of vectors, so many times a number from a
 * list. Up to nine vectors of a patch are in registers while the list is gone through; larger
 * patches take several rounds.
 *
 * <p>Bound by loads, two a cycle, one for each multiply-add; spreading also stores, one a cycle.
 */
final class ConvPoolKernel {
    private ConvPoolKernel() {}

    /** sum[v] += values[i] x[places[i] + distance[v]] for all i, vector by vector. */
    static void addPatches(
            int count,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int vectors,
            float[] sum,
            int sumOff) {
        int v = 0;
        for (; v <= vectors - 9; v += 9) {
            add9(count, places, values, x, distance, v, sum, sumOff + v * VL);
        }
        for (; v <= vectors - 3; v += 3) {
            add3(count, places, values, x, distance, v, sum, sumOff + v * VL);
        }
        for (; v < vectors; v++) {
            add1(count, places, values, x, distance[v], sum, sumOff + v * VL);
        }
    }

    private static void add9(
            int count,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int v,
            float[] sum,
            int to) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        int d3 = distance[v + 3];
        int d4 = distance[v + 4];
        int d5 = distance[v + 5];
        int d6 = distance[v + 6];
        int d7 = distance[v + 7];
        int d8 = distance[v + 8];
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        FloatVector s8 = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i++) {
            int at = places[i];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
            s3 = g.fma(FloatVector.fromArray(SPECIES, x, at + d3), s3);
            s4 = g.fma(FloatVector.fromArray(SPECIES, x, at + d4), s4);
            s5 = g.fma(FloatVector.fromArray(SPECIES, x, at + d5), s5);
            s6 = g.fma(FloatVector.fromArray(SPECIES, x, at + d6), s6);
            s7 = g.fma(FloatVector.fromArray(SPECIES, x, at + d7), s7);
            s8 = g.fma(FloatVector.fromArray(SPECIES, x, at + d8), s8);
        }
        FloatVector.fromArray(SPECIES, sum, to).add(s0).intoArray(sum, to);
        FloatVector.fromArray(SPECIES, sum, to + VL).add(s1).intoArray(sum, to + VL);
        FloatVector.fromArray(SPECIES, sum, to + 2 * VL).add(s2).intoArray(sum, to + 2 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 3 * VL).add(s3).intoArray(sum, to + 3 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 4 * VL).add(s4).intoArray(sum, to + 4 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 5 * VL).add(s5).intoArray(sum, to + 5 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 6 * VL).add(s6).intoArray(sum, to + 6 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 7 * VL).add(s7).intoArray(sum, to + 7 * VL);
        FloatVector.fromArray(SPECIES, sum, to + 8 * VL).add(s8).intoArray(sum, to + 8 * VL);
    }

    /** Two places at a time, since three sums alone would wait for each other. */
    private static void add3(
            int count,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int v,
            float[] sum,
            int to) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i < count - 1; i += 2) {
            int at = places[i];
            int next = places[i + 1];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            FloatVector h = FloatVector.broadcast(SPECIES, values[i + 1]);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            t0 = h.fma(FloatVector.fromArray(SPECIES, x, next + d0), t0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            t1 = h.fma(FloatVector.fromArray(SPECIES, x, next + d1), t1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
            t2 = h.fma(FloatVector.fromArray(SPECIES, x, next + d2), t2);
        }
        if (i < count) {
            int at = places[i];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
        }
        FloatVector.fromArray(SPECIES, sum, to).add(s0.add(t0)).intoArray(sum, to);
        FloatVector.fromArray(SPECIES, sum, to + VL).add(s1.add(t1)).intoArray(sum, to + VL);
        FloatVector.fromArray(SPECIES, sum, to + 2 * VL)
                .add(s2.add(t2))
                .intoArray(sum, to + 2 * VL);
    }

    private static void add1(
            int count, int[] places, float[] values, float[] x, int distance, float[] sum, int to) {
        FloatVector s = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i++) {
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            s = g.fma(FloatVector.fromArray(SPECIES, x, places[i] + distance), s);
        }
        FloatVector.fromArray(SPECIES, sum, to).add(s).intoArray(sum, to);
    }

    /** sum[places[i] + distance[v]] += values[i] w[v] for all i, vector by vector. */
    static void spreadPatches(
            int count,
            int[] places,
            float[] values,
            float[] w,
            int wOff,
            int[] distance,
            int vectors,
            float[] sum) {
        int v = 0;
        for (; v <= vectors - 9; v += 9) {
            spread9(count, places, values, w, wOff + v * VL, distance, v, sum);
        }
        for (; v <= vectors - 3; v += 3) {
            spread3(count, places, values, w, wOff + v * VL, distance, v, sum);
        }
        for (; v < vectors; v++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, w, wOff + v * VL);
            for (int i = 0; i < count; i++) {
                spread(FloatVector.broadcast(SPECIES, values[i]), w0, sum, places[i] + distance[v]);
            }
        }
    }

    private static void spread9(
            int count,
            int[] places,
            float[] values,
            float[] w,
            int wOff,
            int[] distance,
            int v,
            float[] sum) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        int d3 = distance[v + 3];
        int d4 = distance[v + 4];
        int d5 = distance[v + 5];
        int d6 = distance[v + 6];
        int d7 = distance[v + 7];
        int d8 = distance[v + 8];
        FloatVector w0 = FloatVector.fromArray(SPECIES, w, wOff);
        FloatVector w1 = FloatVector.fromArray(SPECIES, w, wOff + VL);
        FloatVector w2 = FloatVector.fromArray(SPECIES, w, wOff + 2 * VL);
        FloatVector w3 = FloatVector.fromArray(SPECIES, w, wOff + 3 * VL);
        FloatVector w4 = FloatVector.fromArray(SPECIES, w, wOff + 4 * VL);
        FloatVector w5 = FloatVector.fromArray(SPECIES, w, wOff + 5 * VL);
        FloatVector w6 = FloatVector.fromArray(SPECIES, w, wOff + 6 * VL);
        FloatVector w7 = FloatVector.fromArray(SPECIES, w, wOff + 7 * VL);
        FloatVector w8 = FloatVector.fromArray(SPECIES, w, wOff + 8 * VL);
        for (int i = 0; i < count; i++) {
            int at = places[i];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            spread(g, w0, sum, at + d0);
            spread(g, w1, sum, at + d1);
            spread(g, w2, sum, at + d2);
            spread(g, w3, sum, at + d3);
            spread(g, w4, sum, at + d4);
            spread(g, w5, sum, at + d5);
            spread(g, w6, sum, at + d6);
            spread(g, w7, sum, at + d7);
            spread(g, w8, sum, at + d8);
        }
    }

    private static void spread3(
            int count,
            int[] places,
            float[] values,
            float[] w,
            int wOff,
            int[] distance,
            int v,
            float[] sum) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        FloatVector w0 = FloatVector.fromArray(SPECIES, w, wOff);
        FloatVector w1 = FloatVector.fromArray(SPECIES, w, wOff + VL);
        FloatVector w2 = FloatVector.fromArray(SPECIES, w, wOff + 2 * VL);
        for (int i = 0; i < count; i++) {
            int at = places[i];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            spread(g, w0, sum, at + d0);
            spread(g, w1, sum, at + d1);
            spread(g, w2, sum, at + d2);
        }
    }

    private static void spread(FloatVector g, FloatVector w, float[] sum, int at) {
        g.fma(w, FloatVector.fromArray(SPECIES, sum, at)).intoArray(sum, at);
    }
}
