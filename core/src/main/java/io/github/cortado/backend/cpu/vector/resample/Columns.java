package io.github.cortado.backend.cpu.vector.resample;

import io.github.cortado.backend.SourcePlaces;

/**
 * The columns of a row of n elements that becomes one of {@code size}, by tables: which elements
 * lie beside each of the result's, and which of the result's lie beside each element, neighbours
 * all of them.
 */
final class Columns {
    private final int n;
    private final int[] low;
    private final int[] high;
    private final float[] weight;
    private final float[] rest;

    private final boolean isBetween;

    /** The places beside element c begin at begin[c] and end before end[c]. */
    private final int[] begin;

    private final int[] end;

    /** What element c weighs in the places beside it, one element after the other. */
    private final float[] shares;

    Columns(SourcePlaces places, int n) {
        this.n = n;
        isBetween = places.isBetween();
        int size = places.size();
        low = new int[size];
        high = new int[size];
        weight = new float[size];
        rest = new float[size];
        for (int i = 0; i < size; i++) {
            low[i] = places.low(i);
            high[i] = places.high(i);
            weight[i] = (float) places.weight(i);
            rest[i] = 1 - weight[i];
        }
        begin = new int[n];
        end = new int[n];
        // No place lies beside more than two elements.
        shares = new float[2 * size];
        int at = 0;
        for (int c = 0; c < n; c++) {
            begin[c] = places.begin(c);
            end[c] = places.end(c);
            for (int i = begin[c]; i < end[c]; i++) {
                shares[at++] = (float) places.share(c, i);
            }
        }
    }

    /** Elements of the input's row. */
    int n() {
        return n;
    }

    /** Elements of the output's row. */
    int size() {
        return low.length;
    }

    /** A row of the input as one of the output. */
    void stretch(float[] x, int xo, float[] y, int yo) {
        if (isBetween) {
            for (int i = 0; i < low.length; i++) {
                y[yo + i] = Math.fma(x[xo + high[i]], weight[i], x[xo + low[i]] * rest[i]);
            }
        } else {
            for (int i = 0; i < low.length; i++) {
                y[yo + i] = x[xo + low[i]];
            }
        }
    }

    /** dx[c] = the sum of g over the places beside c, weighted. */
    void add(float[] g, float[] dx, int at) {
        int share = 0;
        for (int c = 0; c < n; c++) {
            float sum = 0;
            for (int i = begin[c]; i < end[c]; i++) {
                sum = Math.fma(g[i], shares[share++], sum);
            }
            dx[at + c] = sum;
        }
    }
}
