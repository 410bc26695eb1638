package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loop of {@link SparseGradient}: the sum of some patches of vectors, each times a number
 * from a list. Up to nine vectors of the sum are in registers while the list is gone through;
 * larger patches take several rounds. Bound by loads, one for each multiply-add.
 */
final class PatchKernel {
    private PatchKernel() {}

    /**
     * sum[to[v]] += values[i] x[places[i] + distance[v]] for {@code count} i from {@code first},
     * vector by vector.
     *
     * @param to where the vectors of the sum lie, seen from {@code sumOff}
     */
    static void addPatches(
            int first,
            int count,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int vectors,
            float[] sum,
            int sumOff,
            int[] to) {
        int end = first + count;
        int v = 0;
        for (; v <= vectors - 9; v += 9) {
            add9(first, end, places, values, x, distance, v, sum, sumOff, to);
        }
        for (; v <= vectors - 3; v += 3) {
            add3(first, end, places, values, x, distance, v, sum, sumOff, to);
        }
        for (; v < vectors; v++) {
            add1(first, end, places, values, x, distance[v], sum, sumOff + to[v]);
        }
    }

    /**
     * As {@link #addPatches}, for at most three vectors and without a list, which would take longer
     * to make than to use. Two windows at a time, since three sums alone wait for each other.
     *
     * @param index which element of each window is its largest; negative for none
     * @param dy what each window gets
     * @param base where the first element of each window lies
     * @param within how far its four elements are from there
     * @return the sum of what the windows get, without those that have no largest element
     */
    static float addWindows(
            int windows,
            byte[] index,
            int io,
            float[] dy,
            int go,
            int[] base,
            int[] within,
            float[] x,
            int[] distance,
            int vectors,
            float[] sum,
            int to) {
        int d0 = distance[0];
        int d1 = distance[vectors > 1 ? 1 : 0];
        int d2 = distance[vectors > 2 ? 2 : 0];
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero;
        FloatVector s1 = zero;
        FloatVector s2 = zero;
        FloatVector t0 = zero;
        FloatVector t1 = zero;
        FloatVector t2 = zero;
        float all = 0f;
        int i = 0;
        for (; i < windows - 1; i += 2) {
            int which = index[io + i];
            int at = base[i] + within[which & 3];
            float value = ofWindow(which, dy[go + i]);
            int nextWhich = index[io + i + 1];
            int next = base[i + 1] + within[nextWhich & 3];
            float nextValue = ofWindow(nextWhich, dy[go + i + 1]);
            all += value;
            all += nextValue;
            FloatVector g = FloatVector.broadcast(SPECIES, value);
            FloatVector h = FloatVector.broadcast(SPECIES, nextValue);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            t0 = h.fma(FloatVector.fromArray(SPECIES, x, next + d0), t0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            t1 = h.fma(FloatVector.fromArray(SPECIES, x, next + d1), t1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
            t2 = h.fma(FloatVector.fromArray(SPECIES, x, next + d2), t2);
        }
        if (i < windows) {
            int which = index[io + i];
            int at = base[i] + within[which & 3];
            float value = ofWindow(which, dy[go + i]);
            all += value;
            FloatVector g = FloatVector.broadcast(SPECIES, value);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
        }
        add(s0.add(t0), sum, to);
        if (vectors > 1) {
            add(s1.add(t1), sum, to + VL);
        }
        if (vectors > 2) {
            add(s2.add(t2), sum, to + 2 * VL);
        }
        return all;
    }

    /** What a window gets; nothing where no element of it is the largest. */
    private static float ofWindow(int which, float dy) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(dy) & ~(which >> 31));
    }

    private static void add9(
            int first,
            int end,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int v,
            float[] sum,
            int sumOff,
            int[] to) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        int d3 = distance[v + 3];
        int d4 = distance[v + 4];
        int d5 = distance[v + 5];
        int d6 = distance[v + 6];
        int d7 = distance[v + 7];
        int d8 = distance[v + 8];
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero;
        FloatVector s1 = zero;
        FloatVector s2 = zero;
        FloatVector s3 = zero;
        FloatVector s4 = zero;
        FloatVector s5 = zero;
        FloatVector s6 = zero;
        FloatVector s7 = zero;
        FloatVector s8 = zero;
        for (int i = first; i < end; i++) {
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
        add(s0, sum, sumOff + to[v]);
        add(s1, sum, sumOff + to[v + 1]);
        add(s2, sum, sumOff + to[v + 2]);
        add(s3, sum, sumOff + to[v + 3]);
        add(s4, sum, sumOff + to[v + 4]);
        add(s5, sum, sumOff + to[v + 5]);
        add(s6, sum, sumOff + to[v + 6]);
        add(s7, sum, sumOff + to[v + 7]);
        add(s8, sum, sumOff + to[v + 8]);
    }

    /** Two places at a time, since three sums alone would wait for each other. */
    private static void add3(
            int first,
            int end,
            int[] places,
            float[] values,
            float[] x,
            int[] distance,
            int v,
            float[] sum,
            int sumOff,
            int[] to) {
        int d0 = distance[v];
        int d1 = distance[v + 1];
        int d2 = distance[v + 2];
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero;
        FloatVector s1 = zero;
        FloatVector s2 = zero;
        FloatVector t0 = zero;
        FloatVector t1 = zero;
        FloatVector t2 = zero;
        int i = first;
        for (; i < end - 1; i += 2) {
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
        if (i < end) {
            int at = places[i];
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            s0 = g.fma(FloatVector.fromArray(SPECIES, x, at + d0), s0);
            s1 = g.fma(FloatVector.fromArray(SPECIES, x, at + d1), s1);
            s2 = g.fma(FloatVector.fromArray(SPECIES, x, at + d2), s2);
        }
        add(s0.add(t0), sum, sumOff + to[v]);
        add(s1.add(t1), sum, sumOff + to[v + 1]);
        add(s2.add(t2), sum, sumOff + to[v + 2]);
    }

    private static void add1(
            int first,
            int end,
            int[] places,
            float[] values,
            float[] x,
            int distance,
            float[] sum,
            int to) {
        FloatVector s = FloatVector.zero(SPECIES);
        for (int i = first; i < end; i++) {
            FloatVector g = FloatVector.broadcast(SPECIES, values[i]);
            s = g.fma(FloatVector.fromArray(SPECIES, x, places[i] + distance), s);
        }
        FloatVector.fromArray(SPECIES, sum, to).add(s).intoArray(sum, to);
    }

    private static void add(FloatVector v, float[] sum, int at) {
        FloatVector.fromArray(SPECIES, sum, at).add(v).intoArray(sum, at);
    }
}
